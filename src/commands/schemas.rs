//! The JSON Schemas in docs/schemas, derived from the report types; a test writes and keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::{JsonSchema, Schema};
use snapbox::{Data, assert_data_eq};

/// What a command that acts on many prints.
#[derive(JsonSchema)]
#[schemars(rename = "Items")]
#[expect(dead_code, reason = "only its shape is used")]
struct Items<T> {
    /// The command, where parts of its result can be merged by `swr report`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    /// Which shard of how many this is: `3/8`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    /// The end of each.
    items: Vec<T>,
    /// How many ended so, by status.
    summary: BTreeMap<String, usize>,
    /// The exit code of the run, beside `command`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

/// What a command that acts on a fleet prints.
#[derive(JsonSchema)]
#[schemars(rename = "FleetItems")]
#[expect(dead_code, reason = "only its shape is used")]
struct FleetItems {
    /// The command.
    command: String,
    /// Which of several parts it was: `2/7`.
    #[schemars(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    /// Each task, and each repository without one.
    items: Vec<super::fleet::Item>,
    /// What the run was about.
    fleet: super::fleet::FleetReport,
    /// How many ended so, by status.
    summary: BTreeMap<String, usize>,
    /// The exit code of the run.
    exit_code: u8,
}

fn of<T: JsonSchema>() -> Schema {
    // What is written is described, not what could be read: absent values are null.
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
}

fn all() -> Vec<(&'static str, Schema)> {
    use super::{
        auth, config, doctor, dry_run, emulator, fleet, namespace, registry, repo, sync, tag,
        version,
    };
    use crate::output::Envelope;
    use crate::settings::SettingRow;
    vec![
        ("error", of::<Envelope>()),
        ("version", of::<version::VersionReport>()),
        ("config-show", of::<Vec<SettingRow>>()),
        ("config-path", of::<config::ConfigPath>()),
        ("config-init", of::<config::Written>()),
        ("dry-run", of::<dry_run::One<'_>>()),
        ("dry-run-several", of::<dry_run::Several<'_>>()),
        ("auth-login", of::<auth::LoggedIn>()),
        ("auth-logout", of::<auth::LoggedOut>()),
        ("auth-status", of::<auth::CredentialInUse>()),
        ("auth-token", of::<auth::TokenReport<'_>>()),
        ("registry-setup", of::<registry::SetUp>()),
        ("registry-login", of::<registry::LoggedIn>()),
        ("registry-logout", of::<registry::LoggedOut>()),
        (
            "registry-credentials",
            of::<registry::RegistryCredentials>(),
        ),
        (
            "registry-credentials-several",
            of::<Vec<registry::RegistryCredentials>>(),
        ),
        ("registry-credentials-docker", of::<registry::DockerAuths>()),
        ("sync-create", of::<sync::Created>()),
        ("sync-create-several", of::<Items<sync::Created>>()),
        ("emulator-start", of::<emulator::Serving>()),
        ("emulator-push", of::<emulator::Pushed>()),
        ("sync-list", of::<Vec<sync::TaskReport>>()),
        ("sync-delete", of::<sync::Deleted>()),
        ("sync-jobs", of::<Vec<sync::JobReport>>()),
        ("sync-regions", of::<Vec<sync::RegionReport>>()),
        ("namespace-list", of::<Vec<namespace::NamespaceReport>>()),
        ("namespace-show", of::<namespace::NamespaceReport>()),
        ("namespace-create", of::<namespace::Created>()),
        ("repo-list", of::<Vec<repo::RepositoryReport>>()),
        ("repo-show", of::<repo::RepositoryReport>()),
        ("tag-list", of::<Vec<tag::TagReport>>()),
        ("tag-show", of::<tag::TagReport>()),
        ("sync-run", of::<Items<sync::Copied>>()),
        ("sync-wait", of::<Items<sync::Waited>>()),
        ("sync-verify", of::<Items<sync::Verified>>()),
        ("sync-status", of::<Items<sync::Covered>>()),
        (
            "report",
            of::<Items<serde_json::Map<String, serde_json::Value>>>(),
        ),
        ("doctor", of::<Items<doctor::Finding>>()),
        ("check", of::<fleet::Checked>()),
        ("plan", of::<FleetItems>()),
        ("apply", of::<FleetItems>()),
    ]
}

#[test]
fn the_schemas_are_those_of_the_reports() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let mut names = Vec::new();
    for (name, schema) in all() {
        let mut text = serde_json::to_string_pretty(&schema).unwrap();
        text.push('\n');
        let file = format!("{name}.json");
        assert_data_eq!(text, Data::read_from(&directory.join(&file), None).raw());
        names.push(file);
    }
    // Written manually, in the draft that editors know: what a person writes, not what is printed.
    names.push("fleet.json".to_owned());
    names.sort();
    let mut kept: Vec<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, names, "a schema of a document that is no more");
}
