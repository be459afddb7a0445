# SPDX-License-Identifier: Apache-2.0
"""check_snippets.py DIR - do the formats yaml, helm, operator and env say what the report says?

DIR holds NAME-check.json and beside it NAME.yaml, NAME.helm, NAME.operator and NAME.env. Each of the
first three must parse as YAML and hold the recommended setting at its place and nothing else, or be
empty where nothing is to be set; the last is lines of NAME=value and comments. The snippets inside
of the JSON report have to pass the same. Prints one line for each: ok or fail, name, reason,
separated by tabs.
"""
import json
import pathlib
import re
import sys

import yaml

VARIABLES = {
    "classifier_priority": "_NETWORK_CLASSIFIER_PRIORITY",
    "enabled": "_NETWORK_ENABLED",
}
SECTIONS = ("event_monitoring_config", "runtime_security_config")


def wanted(report):
    """Return (key, value) to be set, or None."""
    advice = report["recommendation"]
    if advice["action"] in ("upgrade-agent", "disable-network"):
        return "enabled", False
    if advice["classifier_priority"] is None:
        return None
    return "classifier_priority", advice["classifier_priority"]


def text_of(value):
    """A value as an environment variable holds it."""
    return "false" if value is False else str(value)


def is_variable(name, key):
    """Is it one of the two variables of a key?"""
    return re.fullmatch("DD_(EVENT_MONITORING|RUNTIME_SECURITY)_CONFIG" + VARIABLES[key], name)


def check_yaml(document, key, value):
    """system-probe.yaml: one section, one key."""
    return any(document == {section: {"network": {key: value}}} for section in SECTIONS)


def check_helm(document, key, value):
    """The chart has a value for switching off, and none for the priority."""
    if key == "enabled":
        return document == {"datadog": {"securityAgent": {"runtime": {"network": {key: value}}}}}
    variables = document["agents"]["containers"]["systemProbe"]["envDict"]
    (name, text), = variables.items()
    alone = {"agents": {"containers": {"systemProbe": {"envDict": variables}}}}
    return document == alone and is_variable(name, key) and text == text_of(value)


def check_operator(document, key, value):
    """A whole DatadogAgent with the variable on system-probe."""
    spec = document["spec"]
    containers = spec["override"]["nodeAgent"]["containers"]
    (variable,) = containers["system-probe"]["env"]
    features = {"cws": {"network": {"enabled": False}}} if key == "enabled" else None
    return (
        document["apiVersion"] == "datadoghq.com/v2alpha1"
        and document["kind"] == "DatadogAgent"
        and isinstance(document["metadata"]["name"], str)
        and spec.get("features") == features
        and list(containers) == ["system-probe"]
        and is_variable(variable["name"], key)
        and variable["value"] == text_of(value)
    )


def read_environment(text):
    """Lines of NAME=value as a dictionary."""
    pairs = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.split("=", 1)
            pairs[name] = value
    return pairs or None


def check_environment(document, key, value):
    """One variable."""
    (name, text), = document.items()
    return is_variable(name, key) and text == text_of(value)


FORMATS = {
    "yaml": ("system_probe_yaml", yaml.safe_load, check_yaml),
    "helm": ("helm_values", yaml.safe_load, check_helm),
    "operator": ("operator", yaml.safe_load, check_operator),
    "env": ("environment", read_environment, check_environment),
}


def judge(text, read, check, setting):
    """Return why a text is wrong, or None."""
    try:
        document = read(text)
        if setting is None:
            if document is not None or not text.startswith("#"):
                return "says more than that there is nothing to set"
            return None
        return None if check(document, *setting) else f"does not set {setting}: {document}"
    except (yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def main():
    """Judge every report of a directory."""
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*-check.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        name = path.name[: -len("-check.json")]
        setting = wanted(report)
        snippets = report["recommendation"]["snippets"]
        for suffix, (key, read, check) in FORMATS.items():
            text = path.with_name(f"{name}.{suffix}").read_text(encoding="ascii")
            reason = judge(text, read, check, setting)
            if reason is None and (snippets is None) != (setting is None):
                reason = "the JSON report has other snippets"
            if reason is None and setting is not None:
                reason = judge(snippets[key], read, check, setting)
            result = "ok" if reason is None else "fail"
            print("\t".join((result, f"{name} {suffix}", " ".join((reason or "").split()))))


main()
