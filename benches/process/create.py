"""One create with the vendor's SDK. Usage: create.py ENDPOINT"""

import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkswr.v2 import CreateImageSyncRepoRequest, CreateImageSyncRepoRequestBody, SwrClient

keys = BasicCredentials("ZIRRKMTWPTQFQI1WKNKB", "Me0U8LVTpZSBVYLYxEF3dNo6ogNBkmCRPkHvBHD1", "0605767a5a80d5762fbfc01f8d5cbb36")
client = SwrClient.new_builder().with_credentials(keys).with_endpoint(sys.argv[1]).build()
client.create_image_sync_repo(CreateImageSyncRepoRequest(
    namespace="team", repository="web$api", body=CreateImageSyncRepoRequestBody(
        remote_region_id="cn-east-3", remote_namespace="team", sync_auto=True, override=False)))
