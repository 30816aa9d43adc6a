//! An inventory for Terraform: what is there becomes its state, and nothing is created.
//!
//! Source: `docs/resources/swr_image_auto_sync.md` of the provider; the id of the `import` block has
//! commas, for with slashes it is ambiguous (`reference/swr-api.md` 7.5).

use std::collections::HashSet;
use std::fmt::Write as _;

use super::as_toml::quoted;
use super::inventory::Inventory;
use crate::api::sync::Target;
use crate::names::{Namespace, Repository};

/// The provider's resource.
const RESOURCE: &str = "huaweicloud_swr_image_auto_sync";

impl Inventory {
    /// Returns the blocks: an `import` and a `resource` for each task.
    pub fn to_terraform(&self) -> String {
        let mut text = String::from("# 'import' blocks need Terraform 1.5 or newer.\n");
        if let Some(region) = &self.extent().region {
            let _ = writeln!(
                text,
                "# The provider's region has to be {region}, the source."
            );
        }
        let mut labels = HashSet::new();
        for (namespace, repositories) in &self.namespaces {
            for (repository, live) in repositories {
                for (target, override_) in &live.tasks {
                    let label = unique(&label(namespace, repository, target), &mut labels);
                    let Target {
                        region,
                        namespace: to,
                    } = target;
                    let (namespace, repository) = (namespace.as_str(), repository.as_str());
                    let id = format!("{namespace},{repository},{region},{to}");
                    let _ = write!(
                        text,
                        "\nimport {{\n  to = {RESOURCE}.{label}\n  id = {}\n}}\n\n\
                         resource \"{RESOURCE}\" \"{label}\" {{\n  \
                         organization        = {}\n  \
                         repository          = {}\n  \
                         target_region       = {}\n  \
                         target_organization = {}\n  \
                         override            = {override_}\n}}\n",
                        quoted(&id),
                        quoted(namespace),
                        quoted(repository),
                        quoted(region.as_str()),
                        quoted(to.as_str()),
                    );
                }
            }
        }
        for undeclared in self.undeclared() {
            let _ = write!(text, "\n# not declared: {undeclared}\n");
        }
        if !self.has_tasks() {
            let _ = write!(
                text,
                "\n# There are no tasks{}.\n",
                self.extent().to_regions()
            );
        }
        text
    }
}

/// Returns a name of Terraform's language for a task.
fn label(namespace: &Namespace, repository: &Repository, target: &Target) -> String {
    let name = format!(
        "{namespace}_{repository}_{}_{}",
        target.region, target.namespace
    );
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = name
        .chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name
    } else {
        format!("_{name}")
    }
}

/// Returns a name that was not there before: different tasks may look the same.
fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 1;
    while !taken.insert(free.clone()) {
        number += 1;
        free = format!("{name}_{number}");
    }
    free
}
