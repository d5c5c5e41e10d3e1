"""Sources of catalogues: CSV files, workbooks, SQL databases; shop systems are sources too."""

from smarts.ready.sources.source import Row, Source, SourceError

__all__ = ["Row", "Source", "SourceError"]
