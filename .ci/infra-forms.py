"""Checks generated files by the forms that their hosts publish.

usage: infra-forms.py bicep FILE..
       infra-forms.py run FILE..              by the discovery document of Cloud Run's API
       infra-forms.py knative CRD FILE..      by Knative's own definition of its services
"""

import json
import pathlib
import re
import sys


def bicep(files):
    """Parses, and looks for names that nothing declares and declared ones that nothing uses."""
    import pycep

    for file in files:
        text = pathlib.Path(file).read_text()
        # pycep knows no escapes in strings
        pycep.BicepParser().parse(text=re.sub(r"\\.", "", text))
        yield from names(file, text)


def names(file, text):
    words = list(code(text))
    declared, loops = {}, set()
    for (before, _, _), (name, _, _) in zip(words, words[1:]):
        if before in ("param", "var", "resource", "output"):
            declared[name] = before
    for match in re.findall(r"\[for (?:(\w+)|\((\w+), (\w+)\)) in", text):
        loops.update(match)
    # neither a member, nor a key, nor a function
    used = [name for name, before, after in words if before not in ".@" and after not in ":("]
    known = {"param", "var", "resource", "output", "string", "int", "bool", "for", "in", "true", "false"}
    for name in sorted(set(used) - set(declared) - loops - known):
        yield f"{file}: nothing is called {name}"
    for name, kind in declared.items():
        if kind in ("param", "var") and used.count(name) < 2:
            yield f"{file}: nothing uses {name}"


def code(text):
    """The words that are code, each with the sign before it and the one behind it."""
    at, frames = 0, [0]  # the braces that are open in each piece of code; None for a string
    while at < len(text):
        if frames[-1] is None:
            if text[at] == "\\":
                at += 1
            elif text.startswith("${", at):
                frames.append(0)
                at += 1
            elif text[at] == "'":
                frames.pop()
        elif text.startswith("//", at):
            at = text.find("\n", at)
        elif text[at] == "'":
            frames.append(None)
        elif text[at] in "{}":
            frames[-1] += 1 if text[at] == "{" else -1
            if frames[-1] < 0:
                frames.pop()
        elif word := re.compile(r"[a-zA-Z_]\w*").match(text, at):
            first = not text[text.rfind("\n", 0, at) + 1 : at].strip()
            after = text[word.end() : word.end() + 1] or " "
            yield word[0], text[at - 1 : at] or " ", after if after == "(" or first else " "
            at = word.end() - 1
        at += 1


def run(files):
    import googleapiclient
    import jsonschema
    import yaml

    folder = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache/documents"
    document = json.loads((folder / "run.v1.json").read_text())
    definitions = {name: discovered(schema) for name, schema in document["schemas"].items()}
    schema = {"$ref": "#/definitions/Service", "definitions": definitions}
    for file in files:
        found = yaml.safe_load(pathlib.Path(file).read_text())
        yield from faults(file, jsonschema.Draft7Validator(schema).iter_errors(found))


def discovered(schema):
    """A schema of a discovery document as JSON Schema, in which no key stands that is not named."""
    kept = {key: schema[key] for key in ("type", "enum") if key in schema and schema[key] != "any"}
    if "$ref" in schema:
        return {"$ref": "#/definitions/" + schema["$ref"]}
    if "items" in schema:
        kept["items"] = discovered(schema["items"])
    if "properties" in schema:
        kept["properties"] = {name: discovered(one) for name, one in schema["properties"].items()}
        kept["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = discovered(schema["additionalProperties"])
    return kept


def knative(crd, *files):
    import jsonschema
    import yaml

    crd = yaml.safe_load(pathlib.Path(crd).read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    close(schema)
    schema["properties"]["metadata"] = {"type": "object"}
    for file in files:
        found = yaml.safe_load(pathlib.Path(file).read_text())
        yield from faults(file, jsonschema.Draft7Validator(schema).iter_errors(found))


def close(schema):
    """Lets no key stand that is not named, as kubectl does."""
    if isinstance(schema, list):
        for one in schema:
            close(one)
    if isinstance(schema, dict):
        if "properties" in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
            schema.setdefault("additionalProperties", False)
        if schema.get("x-kubernetes-int-or-string"):
            schema.pop("type", None)
        for one in schema.values():
            close(one)


def faults(file, errors):
    for error in errors:
        yield f"{file}: {'/'.join(map(str, error.path))}: {error.message}"


if __name__ == "__main__":
    _, form, *files = sys.argv
    if form == "knative":
        found = list(knative(*files))
    else:
        found = list({"bicep": bicep, "run": run}[form](files))
    for fault in found:
        print(fault)
    sys.exit(1 if found else 0)
