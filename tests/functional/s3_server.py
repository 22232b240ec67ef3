"""An S3 server for tests: moto, which verifies the signatures of requests with botocore.

Usage: s3_server.py PORT FILE. Creates the bucket stoa-media, writes "KEY SECRET" of a user who may use it
into FILE, and serves until it is ended.
"""
import json
import os
import sys
import threading

# Requests without a signature that the set-up needs: those of create_user, create_access_key,
# put_user_policy and create_bucket.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"

import boto3  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

port, path = int(sys.argv[1]), sys.argv[2]
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
place = {
    "endpoint_url": f"http://127.0.0.1:{port}",
    "region_name": "eu-central-1",
    "aws_access_key_id": "setup",
    "aws_secret_access_key": "setup",
}
iam = boto3.client("iam", **place)
iam.create_user(UserName="stoa")
key = iam.create_access_key(UserName="stoa")["AccessKey"]
policy = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
iam.put_user_policy(UserName="stoa", PolicyName="all", PolicyDocument=json.dumps(policy))
boto3.client("s3", **place).create_bucket(
    Bucket="stoa-media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
)
with open(path + ".part", "w", encoding="ascii") as out:
    out.write(key["AccessKeyId"] + " " + key["SecretAccessKey"] + "\n")
os.rename(path + ".part", path)
threading.Event().wait()
