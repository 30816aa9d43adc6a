//! `swr sync delete`.

use super::{TARGET, cloud};

#[test]
fn a_task_is_deleted_and_the_way_back_is_told() {
    for answer in ["missing-task=400", "missing-task=404"] {
        let cloud = cloud(&[answer]).task(("team", "web/api"), "team", true, true);
        let line = format!("sync delete -n team -r web/api {TARGET}");
        let run = cloud.swr(&format!("{line} -o json")).exits(0);
        assert_eq!(run.document("sync-delete")["status"], "deleted");
        assert!(
            run.stderr.contains("--auto") && run.stderr.contains("--override"),
            "{run}"
        );
        assert_eq!(cloud.tasks("team", "web/api"), []);
        let _ = cloud.swr(&line).exits(4);
        let run = cloud
            .swr(&format!("{line} --ignore-missing -o json"))
            .exits(0);
        assert_eq!(run.document("sync-delete")["status"], "missing");
    }
}
