#!/usr/bin/env python3
"""translate.py TEMPLATE  prints the CloudFormation that SAM makes of the template, as JSON, without asking AWS anything.

Where the code of a function is stays in its metadata as `Code`.
"""
import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Metadata"]["Code"] = resource["Properties"]["CodeUri"]
            resource["Properties"]["CodeUri"] = "s3://code/function.zip"
    parameters = {
        name: parameter["Default"]
        for name, parameter in template["Parameters"].items()
        if "Default" in parameter
    }
    translator = Translator(managed_policy_map={}, sam_parser=Parser())
    json.dump(translator.translate(template, parameters), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
