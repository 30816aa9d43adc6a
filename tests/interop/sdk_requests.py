"""Makes each call that swr makes, with the vendor's SDK, for the same input. What is answered does
not matter: the test compares what was sent. Usage: sdk_requests.py ENDPOINT"""

import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkswr.v2 import *
from huaweicloudsdkswr.v2.model import *

keys = BasicCredentials("ZIRRKMTWPTQFQI1WKNKB", "Me0U8LVTpZSBVYLYxEF3dNo6ogNBkmCRPkHvBHD1", "0605767a5a80d5762fbfc01f8d5cbb36")
client = SwrClient.new_builder().with_credentials(keys).with_endpoint(sys.argv[1]).build()
place = {"namespace": "team", "repository": "web$api"}

calls = [
    lambda: client.create_image_sync_repo(CreateImageSyncRepoRequest(**place, body=CreateImageSyncRepoRequestBody(
        remote_region_id="cn-east-3", remote_namespace="team", sync_auto=True, override=False))),
    lambda: client.list_image_auto_sync_repos_details(ListImageAutoSyncReposDetailsRequest(**place)),
    lambda: client.delete_image_sync_repo(DeleteImageSyncRepoRequest(**place, body=DeleteImageSyncRepoRequestBody(
        remote_region_id="cn-east-3", remote_namespace="team"))),
    lambda: client.create_manual_image_sync_repo(CreateManualImageSyncRepoRequest(**place, body=CreateManualImageSyncRepoRequestBody(
        image_tag=["v1"], remote_region_id="cn-east-3", remote_namespace="team", override=False))),
    lambda: client.show_sync_job(ShowSyncJobRequest(**place, filter="limit::100|offset::0|order::desc")),
    lambda: client.list_sync_regions(ListSyncRegionsRequest()),
    lambda: client.show_namespace(ShowNamespaceRequest(namespace="team")),
    lambda: client.create_namespace(CreateNamespaceRequest(body=CreateNamespaceRequestBody(namespace="team"))),
    lambda: client.show_repository(ShowRepositoryRequest(**place)),
    lambda: client.show_repo_tag(ShowRepoTagRequest(**place, tag="v1")),
    lambda: client.check_agency(CheckAgencyRequest()),
]
for call in calls:
    try:
        call()
    except Exception as error:  # the answers are not theirs
        print(type(error).__name__, error)
