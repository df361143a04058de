"""migrate.py STACK [FOLDER]  invokes the function `migrate` of a stack, prints its answer, and fails when it fails.

With FOLDER, the place where `sam build` put its new code, that code is put into the function first, so that tables are there
before anything else is new; a stack that is not there yet is then left to its first deploy.
"""

import io
import json
import os
import sys
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

FUNCTION = "MigrateFunction"


def client(service):
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    # Migrations may take as long as the function may.
    patient = Config(read_timeout=910, retries={"total_max_attempts": 1} if service == "lambda" else None)
    return boto3.client(service, region_name=region, config=patient)


def name_of(stack):
    """The function's real name; None where there is no such stack or nothing of it yet."""
    try:
        found = client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=FUNCTION)
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    found = found["StackResourceDetail"]
    gone = found["ResourceStatus"].startswith("DELETE") or found["ResourceStatus"] == "CREATE_FAILED"
    return None if gone else found.get("PhysicalResourceId")


def zipped(folder):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def replace(functions, name, folder):
    now = functions.get_function_configuration(FunctionName=name)
    functions.update_function_code(
        FunctionName=name, ZipFile=zipped(folder), Architectures=now["Architectures"]
    )
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 2, "MaxAttempts": 150})


def main(stack, folder=None):
    name = name_of(stack)
    if name is None:
        if folder is None:
            sys.exit(f"the stack {stack} has no {FUNCTION}")
        print(f"the stack {stack} is not there yet")
        return
    functions = client("lambda")
    if folder is not None:
        replace(functions, name, folder)
    answer = functions.invoke(FunctionName=name, Payload=b"{}")
    said = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        hint = (
            "\nNothing else is new. Where the parameters of the stack as it is are what is wrong, deploy new ones with the"
            " version that is there by WYNOS_PARAMETERS_FIRST=1 make deploy."
        )
        sys.exit(f"migrating failed: {said}{hint if folder is not None else ''}")
    print(json.dumps(json.loads(said), indent=2))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
