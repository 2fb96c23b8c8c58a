"""Croissant metadata (mlcommons.org/croissant, version 1.0): what is in each file, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...records import Manifest
from .columns import Column, Kind
from .dataset_card import dataset_name, summary

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "md5": "cr:md5",
    "recordSet": "cr:recordSet",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "source": "cr:source",
}
_TYPES = {
    Kind.TEXT: "sc:Text",
    Kind.INTEGER: "sc:Integer",
    Kind.NUMBER: "sc:Float",
    Kind.TRUTH: "sc:Boolean",
    Kind.JSON: "sc:Text",
}


def croissant(
    manifest: Manifest, columns: Mapping[str, Sequence[Column]], digests: Mapping[str, str], sizes: Mapping[str, int]
) -> dict[str, Any]:
    """The metadata of the files that ``columns`` names; ``sizes`` in bytes, ``digests`` are SHA-256."""
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": dataset_name(manifest),
        "description": summary(manifest),
        "datePublished": manifest.created_at[:10],
        "version": "1.0.0",
        "license": "https://spdx.org/licenses/NOASSERTION",
        "url": "https://arxiv.org/abs/2505.13531",
        "citeAs": "Yao et al.: AdAEM, arXiv 2505.13531",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "contentSize": f"{sizes[name]} B",
                "encodingFormat": "application/x-parquet",
                "sha256": digests[name],
            }
            for name in columns
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": name.removesuffix(".parquet"),
                "name": name.removesuffix(".parquet"),
                "field": [_field(name, column) for column in each],
            }
            for name, each in columns.items()
        ],
    }


def _field(file: str, column: Column) -> dict[str, Any]:
    config = file.removesuffix(".parquet")
    unit = f" (unit: {column.unit})" if column.unit else ""
    return {
        "@type": "cr:Field",
        "@id": f"{config}/{column.name}",
        "name": column.name,
        "description": f"{column.meaning}{unit}",
        "dataType": _TYPES[column.kind],
        "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
    }
