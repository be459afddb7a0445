# SPDX-License-Identifier: Apache-2.0
"""check_schema.py FILE... - validate each document against the schema it names.

A document's "schema" member, such as "tcaudit.report/1", chooses
reports/schema/report.schema.json. A JSON file without one is data of the tests, not ours to check.
Prints one line for each document: ok or fail, name, reason, separated by tabs. A schema that is
itself wrong fails too.
"""
import json
import pathlib
import re
import sys

import jsonschema

SCHEMAS = pathlib.Path("reports/schema")


def load_validators():
    """Map "report" to a validator, for every schema file; wrong schemas raise."""
    validators = {}
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        name = path.name[: -len(".schema.json")]
        validators[name] = jsonschema.Draft7Validator(schema)
    return validators


def no_duplicates(pairs):
    """Object hook: a key twice in one object is valid JSON to most parsers, and a bug to us."""
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("an object has a key twice")
    return dict(pairs)


def judge(path, validators):
    """Return (result, reason), or None for a file that is no document of the tool."""
    try:
        text = path.read_bytes().decode("utf-8")
        document = json.loads(text, object_pairs_hook=no_duplicates)
    except (UnicodeDecodeError, ValueError) as error:
        return "fail", str(error)
    kind = document.get("schema") if isinstance(document, dict) else None
    match = re.fullmatch(r"tcaudit\.([a-z]+)/1", kind) if isinstance(kind, str) else None
    if match is None:
        return None
    if match.group(1) not in validators:
        return "fail", f"there is no schema for {kind}"
    errors = sorted(validators[match.group(1)].iter_errors(document), key=lambda e: list(e.path))
    if not errors:
        return "ok", ""
    where = "/".join(str(part) for part in errors[0].absolute_path)
    return "fail", f"{len(errors)} errors, first at /{where}: {errors[0].message[:300]}"


def main():
    """Judge every file named on the command line."""
    validators = load_validators()
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        result = judge(path, validators)
        if result is not None:
            shown = path.name if path.is_absolute() else name
            print("\t".join((result[0], shown, result[1].replace("\n", " "))))


main()
