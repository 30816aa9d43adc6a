"""The vendor's SDK as a client of the emulator, for the calls that it serves. Run in
`swr emulator exec`; ends with 0 when every answer is what the SDK's models say."""

import os

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkswr.v2 import *
from huaweicloudsdkswr.v2.model import *

keys = BasicCredentials(os.environ["HUAWEICLOUD_SDK_AK"], os.environ["HUAWEICLOUD_SDK_SK"],
                        os.environ["HUAWEICLOUD_SDK_PROJECT_ID"])
client = SwrClient.new_builder().with_credentials(keys).with_endpoint(os.environ["SWR_ENDPOINT"]).build()
place = {"namespace": "demo", "repository": "web$api"}


def equal(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


def refused(call, status, code):
    try:
        call()
    except (ClientRequestException, ServerResponseException) as error:
        equal((error.status_code, error.error_code), (status, code))
        assert error.request_id, "a request id"
        return
    raise AssertionError(f"{code} was expected")


def task(region="cn-east-3", namespace="demo"):
    return CreateImageSyncRepoRequest(**place, body=CreateImageSyncRepoRequestBody(
        remote_region_id=region, remote_namespace=namespace, sync_auto=True, override=False))


def run(tags):
    return CreateManualImageSyncRepoRequest(**place, body=CreateManualImageSyncRepoRequestBody(
        image_tag=tags, remote_region_id="cn-east-3", remote_namespace="demo", override=False))


jobs = ShowSyncJobRequest(**place, filter="limit::10|offset::0|order::desc")

# Namespaces and repositories.
equal([one.name for one in client.list_namespaces(ListNamespacesRequest()).namespaces], ["demo"])
equal(client.show_namespace(ShowNamespaceRequest(namespace="demo")).auth, 7)
refused(lambda: client.show_namespace(ShowNamespaceRequest(namespace="nowhere")), 404, "SVCSTG.SWR.4040058")
client.create_namespace(CreateNamespaceRequest(body=CreateNamespaceRequestBody(namespace="made")))
refused(lambda: client.create_namespace(CreateNamespaceRequest(body=CreateNamespaceRequestBody(namespace="made"))),
        409, "SVCSTG.SWR.4090060")
client.create_repo(CreateRepoRequest(namespace="made", body=CreateRepoRequestBody(repository="a/b", is_public=False)))
equal(client.show_repository(ShowRepositoryRequest(namespace="made", repository="a$b")).name, "a/b")
client.delete_repo(DeleteRepoRequest(namespace="made", repository="a$b"))
client.delete_namespaces(DeleteNamespacesRequest(namespace="made"))
listed = client.list_repos_details(ListReposDetailsRequest(namespace="demo", limit="1", offset="0"))
equal((len(listed.body), listed.content_range), (1, "0-1/2"))
tags = client.list_repository_tags(ListRepositoryTagsRequest(**place))
equal(sorted(one.tag for one in tags.body), ["latest", "v1.0.0", "v1.1.0"])
one = client.show_repo_tag(ShowRepoTagRequest(**place, tag="v1.0.0"))
assert one.digest.startswith("sha256:"), one

# The sync family.
regions = [one.region_id for one in client.list_sync_regions(ListSyncRegionsRequest()).body]
assert "cn-east-3" in regions, regions
client.create_image_sync_repo(task())
refused(lambda: client.create_image_sync_repo(task()), 400, "SVCSTG.SWR.4000014")
refused(lambda: client.create_image_sync_repo(task(region="nowhere-1")), 500, "SVCSTG.SWR.5001101")
found = client.list_image_auto_sync_repos_details(ListImageAutoSyncReposDetailsRequest(**place)).body
equal([(one.repo_name, one.remote_region_id, one.remote_namespace, one.sync_auto, one.override) for one in found],
      [("web/api", "cn-east-3", "demo", True, False)])
client.create_manual_image_sync_repo(run(["v1.0.0", "no-such-tag"]))
for _ in range(4):
    seen = {one.tag: one.status for one in client.show_sync_job(jobs).body}
equal(seen, {"v1.0.0": "success", "no-such-tag": "failed"})
gone = DeleteImageSyncRepoRequest(**place, body=DeleteImageSyncRepoRequestBody(
    remote_region_id="cn-east-3", remote_namespace="demo"))
client.delete_image_sync_repo(gone)
refused(lambda: client.delete_image_sync_repo(gone), 400, "SVCSTG.SWR.4001158")
refused(lambda: client.list_image_auto_sync_repos_details(
    ListImageAutoSyncReposDetailsRequest(namespace="demo", repository="no$such")), 404, "SVCSTG.SWR.4040010")

# The account.
assert client.check_agency(CheckAgencyRequest()).is_agency
project = os.environ["HUAWEICLOUD_SDK_PROJECT_ID"]
equal(client.list_quotas(ListQuotasRequest()).quotas[0].quota_key, "namespace")
assert client.show_share_feature_gates(ShowShareFeatureGatesRequest()) is not None
assert client.create_secret(CreateSecretRequest(projectname="cn-north-4")).auths
equal(client.list_api_versions(ListApiVersionsRequest()).versions[0].id, "v2")

# A wrong key, and the right one after it.
wrong = BasicCredentials(os.environ["HUAWEICLOUD_SDK_AK"], "wrong", project)
stranger = SwrClient.new_builder().with_credentials(wrong).with_endpoint(os.environ["SWR_ENDPOINT"]).build()
refused(lambda: stranger.list_namespaces(ListNamespacesRequest()), 401, "APIGW.0301")
client.list_namespaces(ListNamespacesRequest())
print("the vendor's SDK is content")
