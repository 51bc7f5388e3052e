"""Buckets, tables, parameters, secrets and keys."""

from tests.simulator.playing import call
from tests.simulator.project.rows.row import Row

RESOURCES = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Policies: [S3CrudPolicy: {BucketName: lab-photos-*}]
      Events:
        Uploaded: {Type: S3, Properties: {Bucket: !Ref Photos, Events: "s3:ObjectCreated:*"}}
        Changed: {Type: DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: TRIM_HORIZON}}
  Photos:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: Enabled}}
  PhotosPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Photos
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: s3:DeleteObject, Resource: !Sub "${Photos.Arn}/*"}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Simple: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: simple}}
  Prefix: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/prefix, Type: String, Value: a}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: shop, GenerateSecretString: {PasswordLength: 20}}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
  Name: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/shop, TargetKeyId: !Ref Key}}
"""
ITEM = {"id": {"S": "a"}}
ROW = Row(
    RESOURCES,
    [
        call("1s", "s3.put_object", Bucket="Photos", Key="a.jpg", Body="x"),
        call("1500ms", "s3.put_object", Bucket="Photos", Key="a.jpg", Body="y"),
        call("2s", "s3.delete_object", Bucket="Photos", Key="a.jpg"),
        call("3s", "dynamodb.put_item", TableName="Table", Item=ITEM),
        call("4s", "dynamodb.put_item", TableName="Simple", Item=ITEM),
        call("5s", "ssm.get_parameter", Name="/shop/prefix"),
        call("6s", "secretsmanager.get_secret_value", SecretId="Secret"),
        call("7s", "kms.encrypt", KeyId="alias/shop", Plaintext="x"),
    ],
    {
        "AWS::S3::Bucket": ('buckets.Photos.objects."a.jpg".versions', 2),
        "AWS::S3::BucketPolicy": ('calls."s3.delete_object".denied', 1),
        "AWS::DynamoDB::Table": ("tables.things.item_count", 1),
        "AWS::Serverless::SimpleTable": ("tables.simple.item_count", 1),
        "AWS::SSM::Parameter": ('calls."ssm.get_parameter".errors', {}),
        "AWS::SecretsManager::Secret": ('calls."secretsmanager.get_secret_value".errors', {}),
        "AWS::KMS::Key": ('calls."kms.encrypt".errors', {}),
        "AWS::KMS::Alias": ('calls."kms.encrypt".errors', {}),
        "AWS::Lambda::EventSourceMapping": ("mappings.WorkChanged.records", 1),
        "AWS::Lambda::Permission": ("functions.work.by_source.s3", 2),
    },
)
