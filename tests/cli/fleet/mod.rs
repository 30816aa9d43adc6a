//! A fleet, declared in files: `swr check | plan | apply | export`.

mod apply;
mod check;
mod dry_run;
mod export;
mod faults;
mod plan;
mod saved;
mod waiting;

use crate::support::{Cloud, EAST, Home};

/// A fleet of one entry, to the tests' target region.
fn fleet(repositories: &str) -> String {
    format!("[[sync]]\nnamespace = \"team\"\nrepositories = {repositories}\nto = [\"{EAST}\"]\n")
}

/// A cloud with three repositories, none of which is copied anywhere.
fn cloud() -> Cloud {
    Cloud::start()
        .repository("team", "web/api", &["v1", "v2"])
        .repository("team", "web/ui", &["v1"])
        .repository("team", "base", &["v1"])
        .namespace(EAST, "team")
        .namespace(EAST, "old")
}

/// A user of the cloud with this fleet.
fn user(cloud: &Cloud, fleet: &str) -> Home {
    cloud.user().file("swr.toml", fleet)
}

/// The status of every item of a document, with repository and target.
fn statuses(document: &serde_json::Value) -> Vec<String> {
    let items = document["items"].as_array().expect("items");
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().map(str::to_owned);
    items
        .iter()
        .map(|item| {
            let target = match text(item, "remote_namespace") {
                Some(namespace) => format!(" → {namespace}"),
                None => String::new(),
            };
            format!(
                "{}{target}: {}",
                item["repository"].as_str().unwrap(),
                item["status"].as_str().unwrap()
            )
        })
        .collect()
}
