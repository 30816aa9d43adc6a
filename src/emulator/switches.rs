//! What is not recorded about the service, or what its sources contradict each other about: one
//! switch each, whose first value is the default. Help and docs are made from [`Switches::rows`].
//!
//! `commands` set them, every resource asks. Where no source decides, the default is the reading
//! that is harder on a client.

/// A way to behave that is not the default. The variant names what holds when it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    DuplicateIs409,
    MissingTaskIs404,
    AllTasksAreListed,
    TargetIsChecked,
    SameRegionIsRefused,
    RegionsAreClosed,
    RegionsHaveUrls,
    FailedTagsAreTold,
    JobsAppearLate,
    OldestJobsFirst,
    CopiesAreInstant,
    SameDigestIsSuccess,
    PushesAreAbsorbed,
    MissingFilterIs4001035,
    HighLimitsAreCapped,
    SuccessHasNoBody,
    ErrorShape,
    ContentTypeAlways,
    NamespacesExactly,
    TagsExactly,
    HyphensAreTaken,
    QuotaIsOff,
    ForeignIs403,
    NamespacesGoWithContent,
    OnlyEmptyRepositoriesGo,
    AgencyIsMissing,
    V3IsClosed,
    SecretIsRefused,
    AuthorizationTokenIsRefused,
    VersionsNeedToken,
    TokensCountEverywhere,
    PaceIsTold,
    Oci,
    ReferrersAreOffered,
    MissingTagsAre404,
    ChallengeNamesActions,
}

/// A row of the table of switches.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    switch: Switch,
    /// The name before `=`.
    pub name: &'static str,
    /// What may follow `=`; the first is the default.
    pub values: &'static [&'static str],
    /// What it decides.
    pub meaning: &'static str,
    /// The section of `reference/swr-api.md` that leaves it open.
    pub source: &'static str,
}

const fn row(
    switch: Switch,
    name: &'static str,
    values: &'static [&'static str],
    meaning: &'static str,
    source: &'static str,
) -> Row {
    Row {
        switch,
        name,
        values,
        meaning,
        source,
    }
}

#[rustfmt::skip] // a table reads as a table
const ROWS: [Row; 36] = [
    row(Switch::DuplicateIs409, "duplicate", &["400", "409"], "status of a second task of the same key", "2.1"),
    row(Switch::MissingTaskIs404, "missing-task", &["400", "404"], "status of deleting a task that is not there", "2.3"),
    row(Switch::AllTasksAreListed, "tasks-listed", &["auto", "all"], "whether tasks without syncAuto are listed", "2.2"),
    row(Switch::TargetIsChecked, "target", &["silent", "strict"], "whether a task or copy to a missing namespace, or of a missing tag, is refused at once", "2.1, 2.4"),
    row(Switch::SameRegionIsRefused, "same-region", &["taken", "refused"], "what a target in the source's own region gets", "2.6"),
    row(Switch::RegionsAreClosed, "regions", &["open", "closed"], "whether the list of regions is offered", "2.6"),
    row(Switch::RegionsHaveUrls, "region-key", &["regionID", "with-registry-url"], "what the elements of the list of regions hold; the second ends with an element without regionID", "2.6"),
    row(Switch::FailedTagsAreTold, "images-answer", &["empty", "failed-tags"], "what a manual copy of missing tags gets: 200 with [], or 400 with these tags while the others are copied", "2.4"),
    row(Switch::JobsAppearLate, "jobs", &["at-once", "late"], "whether a new job is listed at the first look or only at the second", "2.5, 7.6"),
    row(Switch::OldestJobsFirst, "jobs-order", &["newest", "oldest"], "which jobs come first when no order is asked", "2.5"),
    row(Switch::CopiesAreInstant, "copies", &["stepwise", "instant"], "whether a copy moves on when it is looked at, or is done at once", "7.6"),
    row(Switch::SameDigestIsSuccess, "existed", &["always", "same-digest-success"], "how a copy without override ends that finds its tag with the same digest: existed, or success", "2.5"),
    row(Switch::PushesAreAbsorbed, "pushed-while-running", &["second-job", "absorbed"], "what a push does while a copy of its tag is under way", "8"),
    row(Switch::MissingFilterIs4001035, "missing-filter", &["4001036", "4001035"], "code of a list of jobs without its filter", "2.5"),
    row(Switch::HighLimitsAreCapped, "high-limit", &["refused", "capped"], "what a limit above 1,000 gets", "2.5, 3.5"),
    row(Switch::SuccessHasNoBody, "empty", &["object", "nothing"], "body of a success that is documented without one", "2.1, 3.3"),
    row(Switch::ErrorShape, "error", &["A", "B", "C", "D"], "shape of an error", "6.1"),
    row(Switch::ContentTypeAlways, "content-type", &["with-body", "always"], "which requests need Content-Type", "2"),
    row(Switch::NamespacesExactly, "namespace-filter", &["loose", "exact"], "how lists of namespaces are filtered by name", "3.1"),
    row(Switch::TagsExactly, "tag-filter", &["loose", "exact"], "how lists of tags are filtered by name", "3.8"),
    row(Switch::HyphensAreTaken, "hyphens", &["refused", "taken"], "whether new names may repeat hyphens", "4"),
    row(Switch::QuotaIsOff, "quota", &["5", "none"], "how many namespaces a region may have", "3.10"),
    row(Switch::ForeignIs403, "foreign", &["404", "403"], "status of looking at another account's namespace", "3.3, 6.2"),
    row(Switch::NamespacesGoWithContent, "delete-namespace", &["only-empty", "with-content"], "whether a namespace that holds repositories can be deleted", "3.3"),
    row(Switch::OnlyEmptyRepositoriesGo, "delete-repository", &["with-tags", "only-empty"], "whether a repository that holds tags can be deleted", "3.4, 6.2"),
    row(Switch::AgencyIsMissing, "agency", &["present", "missing"], "whether the account has the agency; without it every copy fails", "2.1, 3.7"),
    row(Switch::V3IsClosed, "v3", &["open", "closed"], "whether the v3 lists are offered", "3"),
    row(Switch::SecretIsRefused, "secret", &["open", "refused"], "whether docker logins for a while are given", "3.12"),
    row(Switch::AuthorizationTokenIsRefused, "authorization-token", &["open", "refused"], "whether docker logins of the new kind are given", "3.13"),
    row(Switch::VersionsNeedToken, "versions", &["open", "token"], "whether the list of API versions needs a token", "3.14"),
    row(Switch::TokensCountEverywhere, "token", &["regional", "global"], "where a token counts", "7.13"),
    row(Switch::PaceIsTold, "pace", &["silent", "told"], "whether lists of jobs and tags tell a client that polls to look again at once (Retry-After: 0)", "6.5"),
    row(Switch::Oci, "oci", &["no-attestations", "docker-only", "any"], "which manifests a push may bring; what buildx makes by default is an index with an attestation", "registry"),
    row(Switch::ReferrersAreOffered, "referrers", &["none", "api"], "whether the registry lists what refers to a manifest", "registry"),
    row(Switch::MissingTagsAre404, "missing-tags", &["null", "404"], "what the registry lists as tags of a missing repository", "registry"),
    row(Switch::ChallengeNamesActions, "challenge", &["empty", "actions"], "whether the registry's 401 says which actions a token has to open", "registry"),
];

/// The chosen value of every switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    chosen: [u8; ROWS.len()],
}

impl Default for Switches {
    fn default() -> Switches {
        Switches {
            chosen: [0; ROWS.len()],
        }
    }
}

impl Switches {
    /// Returns the table: name, values with the default first, meaning, source.
    pub fn rows() -> &'static [Row] {
        &ROWS
    }

    /// Sets one switch from `NAME=VALUE`.
    ///
    /// # Errors
    /// The broken rule, in words that follow the value.
    pub fn set(&mut self, assignment: &str) -> Result<(), String> {
        let Some((name, value)) = assignment.split_once('=') else {
            return Err("must be NAME=VALUE, like 'duplicate=409'".to_owned());
        };
        let Some((row, chosen)) = ROWS
            .iter()
            .zip(&mut self.chosen)
            .find(|(row, _)| row.name == name)
        else {
            let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
            return Err(format!("there is no '{name}'; known: {}", names.join(", ")));
        };
        let place = row.values.iter().position(|known| *known == value);
        match place.map(u8::try_from) {
            Some(Ok(place)) => {
                *chosen = place;
                Ok(())
            }
            _ => Err(format!(
                "'{name}' takes {}, not '{value}'",
                row.values.join(" or ")
            )),
        }
    }

    /// Returns `true` if the deviating value was chosen.
    pub(super) fn has(&self, switch: Switch) -> bool {
        self.choice(switch) > 0
    }

    /// Returns the place of the chosen value.
    pub(super) fn choice(&self, switch: Switch) -> u8 {
        ROWS.iter()
            .zip(self.chosen)
            .find(|(row, _)| row.switch == switch)
            .map_or(0, |(_, chosen)| chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::{Switch, Switches};

    #[test]
    fn every_value_of_the_table_can_be_set_and_the_first_is_the_default() {
        for row in Switches::rows() {
            for (place, value) in row.values.iter().enumerate() {
                let mut switches = Switches::default();
                switches.set(&format!("{}={value}", row.name)).unwrap();
                assert_eq!(usize::from(switches.choice(row.switch)), place);
                assert_eq!(switches == Switches::default(), place == 0);
            }
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_with_what_is() {
        let refused = |text: &str| Switches::default().set(text).unwrap_err();
        assert_eq!(
            refused("duplicate"),
            "must be NAME=VALUE, like 'duplicate=409'"
        );
        assert_eq!(
            refused("duplicate=500"),
            "'duplicate' takes 400 or 409, not '500'"
        );
        assert!(
            refused("dupe=1").starts_with("there is no 'dupe'; known: duplicate, missing-task")
        );
    }

    #[test]
    fn one_switch_leaves_the_others_alone() {
        let mut switches = Switches::default();
        switches.set("error=C").unwrap();
        assert_eq!(switches.choice(Switch::ErrorShape), 2);
        assert!(!switches.has(Switch::DuplicateIs409));
    }
}
