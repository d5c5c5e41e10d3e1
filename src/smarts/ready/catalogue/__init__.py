"""The ready node's catalogue: rows of a source become products, which are kept on disk and searched.

```python
source = source_of(settings.catalogue, folder)
with Catalogue.open(source, Reading(catalogue=settings.catalogue), data / "catalogue") as catalogue:
    node = Node(catalogue, token="…", name="My store", version="1.0")
```
"""

from smarts.ready.catalogue.catalogue import Catalogue
from smarts.ready.catalogue.complaints import Complaint
from smarts.ready.catalogue.settings import CatalogueSettings, Reading, Scale
from smarts.ready.catalogue.shelf_files import About

__all__ = ["About", "Catalogue", "CatalogueSettings", "Complaint", "Reading", "Scale"]
