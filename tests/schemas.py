"""The schemas of what the command line prints for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from bce.reporting.report import SCHEMA_FILE

SARIF_FILE = Path(__file__).with_name("sarif-2.1.0-subset.schema.json")


def validator(path: Path) -> Draft202012Validator:
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read_json(text: str) -> Any:
    """Read what ``--format json`` prints, after it was held against the schema."""
    data = json.loads(text)
    validator(SCHEMA_FILE).validate(data)
    return data


def read_sarif(text: str) -> Any:
    """Read what ``--format sarif`` prints, after it was held against the schema."""
    data = json.loads(text)
    validator(SARIF_FILE).validate(data)
    for result in data["runs"][0]["results"]:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startColumn"] <= region["endColumn"]
        assert result["ruleId"] in [rule["id"] for rule in data["runs"][0]["tool"]["driver"]["rules"]]
    return data
