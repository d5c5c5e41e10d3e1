"""What the columns of a catalogue may hold, and the names that such columns usually have."""

from collections.abc import Mapping

FIELDS: Mapping[str, tuple[str, ...]] = {
    "barcode": ("barcode", "ean", "ean13", "ean code", "gtin", "upc", "code", "vöötkood", "ribakood", "triipkood",
                "штрихкод", "штрих-код", "viivakoodi", "strichcode", "code-barres", "svītrkods", "brūkšninis kodas"),
    "id": ("id", "sku", "article", "article number", "item", "item number", "artikkel", "kood", "артикул"),
    "name": ("name", "product", "product name", "title", "nimi", "nimetus", "toode", "название", "наименование",
             "товар", "tuote", "bezeichnung", "nom", "nosaukums", "pavadinimas", "tuotenimi"),
    "language": ("lang", "language", "keel", "язык", "kieli", "sprache", "langue"),
    "description": ("description", "kirjeldus", "описание", "kuvaus", "beschreibung"),
    "price": ("price", "price with vat", "unit price", "retail price", "hind", "müügihind", "hind km-ga", "цена",
              "hinta", "preis", "prix", "cena", "kaina"),
    "currency": ("currency", "valuuta", "валюта", "valuutta", "währung"),
    "vat": ("vat", "vat rate", "vat %", "tax", "tax rate", "km", "km%", "km %", "käibemaks", "ндс", "alv", "mwst",
            "tva", "pvn", "pvm"),
    "category": ("category", "categories", "category path", "group", "product group", "kategooria", "tootegrupp",
                 "категория", "группа", "kategoria", "kategorie", "catégorie", "rühm"),
    "brand": ("brand", "bränd", "kaubamärk", "tootja", "manufacturer", "бренд", "марка", "merkki", "marke", "marque"),
    "quantity": ("quantity", "size", "content", "net content", "kogus", "netokogus", "количество", "määrä", "menge"),
    "unit": ("unit", "ühik", "mõõtühik", "единица", "ед", "ед.", "yksikkö", "einheit", "unité"),
    "weighed": ("weighed", "weight item", "by weight", "kaalukaup", "kaalutav", "весовой", "punnittava"),
    "age": ("age", "age limit", "minimum age", "min age", "vanusepiir", "vanus", "возраст", "ikäraja"),
    "hours": ("hours", "sold between", "selling hours", "müügiaeg", "kellaajad", "часы"),
    "least": ("least", "minimum amount", "min amount", "min quantity"),
    "most": ("most", "maximum amount", "max amount", "max quantity"),
    "image": ("image", "image url", "picture", "picture url", "photo", "pilt", "pildi url", "картинка", "kuva", "bild"),
    "addition": ("addition", "discount", "soodustus", "allahindlus", "скидка", "alennus", "rabatt"),
    "campaign_name": ("campaign", "campaign name", "kampaania"),
    "campaign_code": ("campaign code", "kampaania kood"),
    "campaign_operation": ("campaign operation", "operation", "kampaania tehe"),
    "valid_from": ("valid from", "from", "start date", "starts", "date from", "kehtib alates", "alates", "algus",
                   "действует с", "с", "voimassa alkaen", "gültig ab"),
    "valid_until": ("valid until", "until", "valid to", "end date", "ends", "date to", "kehtib kuni", "kuni", "lõpp",
                    "действует до", "до", "voimassa asti", "gültig bis"),
}  # fmt: skip

TRANSLATED = ("name", "description", "category")
"""Fields of which there may be one column a language: `name_et`, `Nimi (EN)`."""
