"""Parameters, secrets, keys and identities, through boto3 as it is."""

import textwrap
from typing import Any

from tests.runtime.conftest import Play, Played
from tests.runtime.projects import make_project

RESOURCES: dict[str, Any] = {
    "Rate": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/shop/rate", "Type": "String", "Value": "1.1"}},
    "Login": {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": "shop/login",
            "GenerateSecretString": {
                "SecretStringTemplate": '{"user": "ada"}',
                "GenerateStringKey": "password",
                "PasswordLength": 20,
            },
        },
    },
    "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
    "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/shop", "TargetKeyId": {"Ref": "Key"}}},
}


def run(played: Play, body: str, **function: Any) -> Played:
    head = "import boto3, os, json\ndef handler(event, context):\n"
    code = head + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    made = played(make_project(code, function={"Timeout": 30, **function}, resources=RESOURCES))
    assert made.summary["functions"]["work"]["last_error"] is None
    return made


def test_parameters_are_written_read_and_listed_by_path(played: Play) -> None:
    made = run(
        played,
        """
        ssm = boto3.client("ssm")
        ssm.put_parameter(Name="/shop/token", Type="SecureString", Value="hush")
        plain = ssm.get_parameter(Name="/shop/token")["Parameter"]["Value"]
        clear = ssm.get_parameter(Name="/shop/token", WithDecryption=True)["Parameter"]
        found = ssm.get_parameters_by_path(Path="/shop")["Parameters"]
        try:
            ssm.get_parameter(Name="/shop/none")
        except ssm.exceptions.ParameterNotFound as error:
            said = type(error).__name__
        return ["hush" in plain[:4], clear["Value"], clear["Version"], clear["LastModifiedDate"].isoformat()[:16],
                sorted(each["Name"] for each in found), said]
        """,
    )
    assert made.result == [False, "hush", 1, "2025-12-01T09:00", ["/shop/rate", "/shop/token"], "ParameterNotFound"]


def test_a_generated_secret_is_the_runs_own(played: Play) -> None:
    body = """
        value = json.loads(boto3.client("secretsmanager").get_secret_value(SecretId="shop/login")["SecretString"])
        return value
        """
    one, two = run(played, body), run(played, body)
    assert one.result["user"] == "ada"
    assert len(one.result["password"]) == 20
    assert one.trace == two.trace


def test_dynamic_references_are_replaced_when_the_stack_is_deployed(played: Play) -> None:
    variables = {
        "RATE": "{{resolve:ssm:/shop/rate}}",
        "BOTH": "rate={{resolve:ssm:/shop/rate:1}} user={{resolve:secretsmanager:shop/login:SecretString:user}}",
        "PASSWORD": {"Fn::Sub": "{{resolve:secretsmanager:${Login}:SecretString:password}}"},
    }
    made = run(
        played,
        """
        secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["LOGIN"])
        return [os.environ["RATE"], os.environ["BOTH"],
                json.loads(secret["SecretString"])["password"] == os.environ["PASSWORD"]]
        """,
        Environment={"Variables": variables | {"LOGIN": {"Ref": "Login"}}},
    )
    assert made.result == ["1.1", "rate=1.1 user=ada", True]


def test_what_a_key_encrypts_it_decrypts_and_nothing_else(played: Play) -> None:
    made = run(
        played,
        """
        kms = boto3.client("kms")
        where = {"order": "1"}
        blob = kms.encrypt(KeyId="alias/shop", Plaintext=b"hush", EncryptionContext=where)["CiphertextBlob"]
        clear = kms.decrypt(CiphertextBlob=blob, EncryptionContext=where)
        try:
            kms.decrypt(CiphertextBlob=blob)
        except kms.exceptions.InvalidCiphertextException as error:
            said = type(error).__name__
        data = kms.generate_data_key(KeyId=os.environ["KEY"], KeySpec="AES_256")
        again = kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"]
        return [clear["Plaintext"].decode(), clear["KeyId"] == os.environ["KEY"], said, again == data["Plaintext"]]
        """,
        Environment={"Variables": {"KEY": {"Fn::GetAtt": "Key.Arn"}}},
    )
    assert made.result == ["hush", True, "InvalidCiphertextException", True]


def test_a_function_learns_who_it_is(played: Play) -> None:
    result = run(played, "return boto3.client('sts').get_caller_identity()").result
    assert result["Account"] == "123456789012"
    assert result["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/lab-Role-")
    assert result["Arn"].endswith("/work")
    assert result["UserId"].startswith("AROA")
    assert result["UserId"].endswith(":work")
