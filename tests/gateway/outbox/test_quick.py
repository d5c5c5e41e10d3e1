import time, asyncio
import pytest
from smarts.gateway import outbox
from smarts.gateway.storage.notices import Notices

@pytest.mark.parametrize("i", range(5))
async def test_x(database, database_url, i):
    got=[]
    async def handler(m):
        got.append(m); return outbox.Delivered()
    async with Notices.open(database_url, channels=("outbox",)) as notices:
        w = outbox.Worker(database, notices, {"k": handler})
        async with w.running():
            t=time.perf_counter()
            for n in range(3):
                async with database.transaction() as tx:
                    assert await outbox.put(tx, outbox.Message(f"m{n}", "lane", "k", "key", b"x"))
                    assert not await outbox.put(tx, outbox.Message(f"m{n}", "lane", "k", "key", b"x"))
            while len(got)<3: await asyncio.sleep(0.001)
            print(time.perf_counter()-t)
        async with database.connection() as c:
            print(await outbox.depth(c), await outbox.attempts_of(c,"m0"), await c.fetch("select * from outbox_lanes"))
