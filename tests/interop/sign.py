"""Signs a request that swr sent with the vendor's own signer, and prints the Authorization that it
makes: the headers that swr signed, the time that swr used. Usage: sign.py JSON"""

import json
import re
import sys
from urllib.parse import urlsplit

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

sent = json.loads(sys.argv[1])
headers = {name.lower(): value for name, value in sent["headers"].items()}
signed = re.search(r"SignedHeaders=([^,]+)", sent["authorization"]).group(1).split(";")
keys = BasicCredentials("ZIRRKMTWPTQFQI1WKNKB", "Me0U8LVTpZSBVYLYxEF3dNo6ogNBkmCRPkHvBHD1")
url = urlsplit(sent["endpoint"])
request = SdkRequest(
    method=sent["method"], schema=url.scheme, host=url.netloc, resource_path=sent["path"],
    query_params=[], header_params={name: headers[name] for name in signed if name != "host"},
    body=sent["body"], stream=False)
# The vendor's names for the two headers that it looks up by their spelling.
for name in ("X-Sdk-Date", "Content-Type", "X-Project-Id"):
    if name.lower() in request.header_params:
        request.header_params[name] = request.header_params.pop(name.lower())
print(Signer(keys).sign(request).header_params["Authorization"])
