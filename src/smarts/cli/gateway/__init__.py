"""`smarts gateway`: serves shoppers, staff and merchants; is proven against the contract."""

import cyclopts

from smarts.cli.lazy import add_command
from smarts.cli.parameters import Port

app = cyclopts.App(name="gateway")
add_command(app, "smarts.cli.gateway.check:check")


@app.default
def gateway(*, host: str | None = None, port: Port | None = None) -> None:
    """Serve shoppers, staff and merchants.

    With SMARTS_DATABASE_URL set it serves only, and `smarts worker` delivers; without, it runs an embedded PostgreSQL
    in SMARTS_DATA and delivers too. Example: `smarts gateway --port 8080`.

    Parameters
    ----------
    host:
        The address to listen at; else SMARTS_HOST, else 127.0.0.1.
    port:
        The port to listen at; else SMARTS_PORT, else 8080.
    """
    from smarts.cli.gateway.serve import serve  # what else is below `smarts gateway` does not need it

    serve(host, port)
