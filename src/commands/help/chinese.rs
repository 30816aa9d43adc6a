//! The Chinese columns of docs/zh-CN/exit-codes.md. A row of the tables without one fails the build of the
//! page, so both languages stay in step.

use crate::exit::Exit;

/// Returns when an exit code is used, and whether another try may help.
pub(super) fn of_exit(exit: Exit) -> (&'static str, &'static str) {
    match exit {
        Exit::Done => ("要求的全部完成；管道关闭也算", ""),
        Exit::Local => ("设置、缺少凭证、文件、无法写输出", "否"),
        Exit::Usage => ("选项或值有误；没有发送任何请求", "否"),
        Exit::Redirected => ("服务返回 3xx", "否"),
        Exit::Refused => ("服务返回 4xx", "仅 429 和繁忙"),
        Exit::Failed => ("服务返回 5xx，或不符合文档的响应", "是，对于 5xx"),
        Exit::Unreachable => ("没有 HTTP 响应：DNS、连接、TLS、中断", "是"),
        Exit::OutOfTime => ("一个请求或一次等待超时", "是"),
        Exit::Different => (
            "没有失败，但状态与要求不符：核对、偏差、预检、已存在但设置不同、没有选中任何内容",
            "否：请处理",
        ),
        Exit::Incomplete => (
            "服务接受了请求，但有复制以 failed、timeout 或 cancel 结束，或从未出现（unseen）",
            "swr sync run --failed；对于 unseen，swr sync run TAG",
        ),
        Exit::Interrupted => ("SIGINT（Ctrl-C）", ""),
        Exit::Terminated => ("SIGTERM", ""),
        Exit::Passed(_) => ("'swr emulator exec' 所运行命令的退出码", ""),
    }
}

/// Returns the translation of an advice; `None` where there is none yet.
pub(super) fn of_advice(remedy: &str) -> Option<&'static str> {
    ADVICE
        .iter()
        .find(|(english, _)| *english == remedy)
        .map(|(_, chinese)| *chinese)
}

const ADVICE: &[(&str, &str)] = &[
    (
        "check namespace, repository and endpoint",
        "检查组织、镜像和终端节点",
    ),
    ("check the access key and the secret key", "检查 AK 和 SK"),
    (
        "check the namespace: 'swr namespace list' shows yours",
        "检查组织：'swr namespace list' 列出您的组织",
    ),
    (
        "check the repository: 'swr repo list' shows those of a namespace",
        "检查镜像：'swr repo list' 列出组织中的镜像",
    ),
    (
        "check the tag: 'swr tag list' shows those of a repository",
        "检查版本：'swr tag list' 列出镜像的版本",
    ),
    (
        "choose another name: namespaces are unique within a region, across all accounts",
        "换一个名称：组织名称在一个区域内对所有账号唯一",
    ),
    (
        "not empty: delete its contents first",
        "不为空：请先删除其中的内容",
    ),
    (
        "no token reached the service: check that the endpoint is https://swr-api.<region>.myhuaweicloud.com",
        "服务没有收到令牌：检查终端节点是否为 https://swr-api.<region>.myhuaweicloud.com",
    ),
    (
        "the credential lacks a permission; only the account itself or an administrator may set up synchronization",
        "凭证缺少权限；只有账号本身或管理员可以设置镜像同步",
    ),
    (
        "the gateway rejects this user: ask the account's administrator",
        "网关不允许此用户访问：请联系账号管理员",
    ),
    (
        "unknown path: check the endpoint",
        "该处没有此路径：检查终端节点",
    ),
    (
        "the quota of namespaces is used up: delete one or ask for more",
        "组织配额已用完：删除一个或申请更多",
    ),
    (
        "the quota of repositories is used up: delete one or ask for more",
        "镜像配额已用完：删除一个或申请更多",
    ),
    (
        "the quota of tags is used up: delete some or ask for more",
        "版本配额已用完：删除一些或申请更多",
    ),
    (
        "the region does not offer this call, or the endpoint is not that of SWR: check --endpoint and --region",
        "该区域不提供此调用，或终端节点不是 SWR 的：检查 --endpoint 和 --region",
    ),
    ("the request is too large", "请求过大"),
    (
        "the resource belongs to another account: check which account and project the credential is for",
        "资源属于其他账号：检查凭证对应的账号和项目",
    ),
    (
        "the resource is not yours: check the account and the names",
        "资源不属于您：检查账号和名称",
    ),
    (
        "the service did not answer its gateway in time: try again later",
        "服务没有及时响应其网关：请稍后重试",
    ),
    (
        "the service does not know the target region: 'swr sync regions' lists those it offers; retrying does not help",
        "服务不认识目标区域：'swr sync regions' 列出可用区域；重试无济于事",
    ),
    (
        "internal error of the service: try again later, or report the request id to the vendor",
        "服务内部失败：请稍后重试，并把请求 ID 告知厂商",
    ),
    (
        "the service is busy: try again later",
        "服务繁忙：请稍后重试",
    ),
    (
        "the service behind the gateway is unavailable: try again later",
        "网关后的服务不可用：请稍后重试",
    ),
    (
        "the service is unavailable: try again later",
        "服务不可用：请稍后重试",
    ),
    (
        "the service's object storage is full or unavailable: try again later",
        "服务的对象存储已满或不可用：请稍后重试",
    ),
    (
        "the token has expired: get a new one",
        "令牌已过期：请重新获取",
    ),
    (
        "the user has console access only: give it programmatic access",
        "该用户只有控制台访问权限：请授予编程访问",
    ),
    (
        "the user is locked: wait 15 minutes before the next try",
        "用户已被锁定：15 分钟后再试",
    ),
    (
        "the user may not manage this namespace: ask for 'manage' on it",
        "该用户无权管理此组织：请申请管理权限",
    ),
    (
        "the user may not manage this repository: ask for 'manage' on it",
        "该用户无权管理此镜像：请申请管理权限",
    ),
    (
        "no such task: 'swr sync list' shows the existing ones",
        "没有这个任务：'swr sync list' 列出现有任务",
    ),
    (
        "this is not permitted for your account",
        "您的账号不允许此操作",
    ),
    (
        "too many requests: wait, and lower --concurrency",
        "请求过多：请等待，并调低 --concurrency",
    ),
];
