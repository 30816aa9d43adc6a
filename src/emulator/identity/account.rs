//! The one account that the emulator knows: its users, keys, provider and agency, all fixed, so
//! that what a person exported yesterday is right today. None of it opens anything elsewhere.

use hmac::digest::Output;
use sha2::{Digest, Sha256};

/// The account, which the vendor also calls domain.
pub(super) const ACCOUNT: &str = "demo";
/// The permanent access key: 20 upper-case letters and digits.
pub(super) const ACCESS_KEY: &str = "EMULATORDEMOKEY00001";
/// Its secret key: 40 characters.
pub(super) const SECRET_KEY: &str = "EmulatorSecretKeyThatOpensNothingReal001";
/// The user to whom the fixed tokens and the permanent key belong.
pub(super) const ALICE: User = User {
    name: "alice",
    password: "Emulator-alice-1",
    passcode: None,
};
/// A user who must bring the code of a virtual MFA device, too.
pub(super) const MFA: User = User {
    name: "mfa",
    password: "Emulator-mfa-1",
    passcode: Some("246810"),
};
/// The identity provider of OIDC v3 (`X-Idp-Id`).
pub(super) const IDENTITY_PROVIDER: &str = "emulator-idp";
/// The agency that OIDC v5, hosts and pods act as.
pub(super) const AGENCY: &str = "emulator-agency";
/// The audience that the provider trusts.
pub(super) const AUDIENCE: &str = "swr-emulator";
/// What a pod finds in its token file.
pub(super) const POD_TOKEN: &str = "emulator-pod-authorization-token";
/// What a workflow finds in `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
pub(super) const WORKFLOW_TOKEN: &str = "emulator-workflow-request-token";

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER_CASE_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// An IAM user of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: &'static str,
    pub(super) password: &'static str,
    /// The code of the MFA device, where the user has one. It never changes.
    pub(super) passcode: Option<&'static str>,
}

impl User {
    pub(super) fn id(&self) -> String {
        id_of(&format!("user {}", self.name))
    }

    /// Finds the user whom a request names, by name or by id.
    pub(super) fn called(name_or_id: &str) -> Option<User> {
        [ALICE, MFA]
            .into_iter()
            .find(|user| user.name == name_or_id || user.id() == name_or_id)
    }
}

pub(super) fn account_id() -> String {
    id_of("account demo")
}

/// Returns the id of the region's default project, whose name is the region's.
pub(super) fn project_id(region: &str) -> String {
    id_of(&format!("project {region}"))
}

/// Returns `true` if a project is a region's default project or a sub-project of it:
/// `cn-north-4_dev` (section 5.1).
pub(in crate::emulator) fn is_project_of(project: &str, region: &str) -> bool {
    let rest = project.strip_prefix(region);
    rest.is_some_and(|rest| rest.is_empty() || rest.len() > 1 && rest.starts_with('_'))
}

pub(super) fn provider_urn() -> String {
    format!("iam::{}:oidcProvider:{IDENTITY_PROVIDER}", account_id())
}

/// Returns the agency's URN, `iam::{account id}:agency:{name}` (`reference/swr-api.md` 5.4).
pub(super) fn agency_urn() -> String {
    format!("iam::{}:agency:{AGENCY}", account_id())
}

/// Returns 32 hexadecimal digits, fixed by what they are for.
pub(super) fn id_of(what: &str) -> String {
    let mut id = hex::encode(digest_of(what));
    id.truncate(32);
    id
}

/// Returns a token in the shape of IAM's: `MII…`, some hundred characters (section 5.1).
pub(super) fn token_text(what: &str) -> String {
    format!("MII{}", spelled(what, LETTERS_AND_DIGITS, 477))
}

/// Returns a security token: base64 with its `=`, so that who forgets to quote it finds out.
pub(super) fn security_token_text(what: &str) -> String {
    format!("gQpj{}+/==", spelled(what, LETTERS_AND_DIGITS, 312))
}

/// Returns a temporary access key, which the vendor lets begin with `HST`.
pub(super) fn access_key_text(what: &str) -> String {
    format!("HST{}", spelled(what, UPPER_CASE_AND_DIGITS, 17))
}

/// Returns the secret key of a temporary access key.
pub(super) fn secret_key_text(what: &str) -> String {
    spelled(what, LETTERS_AND_DIGITS, 40)
}

/// Returns the password of a temporary login to the registry.
pub(super) fn login_password_text(what: &str) -> String {
    spelled(what, LETTERS_AND_DIGITS, 64)
}

/// Returns the token of the metadata service.
pub(super) fn metadata_token_text(what: &str) -> String {
    spelled(what, LETTERS_AND_DIGITS, 56)
}

fn spelled(what: &str, alphabet: &[u8], length: usize) -> String {
    (0_u32..)
        .flat_map(|block| digest_of(&format!("{what} {block}")))
        .filter_map(|byte| alphabet.get(usize::from(byte) % alphabet.len()))
        .map(|letter| char::from(*letter))
        .take(length)
        .collect()
}

fn digest_of(what: &str) -> Output<Sha256> {
    Sha256::digest(format!("swr emulator: {what}"))
}

#[cfg(test)]
mod tests {
    use super::{
        ACCESS_KEY, ALICE, MFA, SECRET_KEY, User, access_key_text, project_id, secret_key_text,
        token_text,
    };

    #[test]
    fn keys_look_like_the_vendors() {
        for key in [ACCESS_KEY.to_owned(), access_key_text("1")] {
            assert_eq!(key.len(), 20, "{key}");
            assert!(
                key.chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
            );
        }
        assert_eq!(SECRET_KEY.len(), 40);
        assert_eq!(secret_key_text("1").len(), 40);
    }

    #[test]
    fn what_is_fixed_differs_by_what_it_is_for() {
        assert_eq!(project_id("cn-north-4"), "e6d4254ffd56012a7abfab88bfa243d5");
        assert_ne!(project_id("cn-north-4"), project_id("cn-east-3"));
        assert_eq!(token_text("a"), token_text("a"));
        assert_ne!(token_text("a"), token_text("b"));
    }

    #[test]
    fn a_user_is_found_by_name_and_by_id() {
        assert_eq!(User::called("alice"), Some(ALICE));
        assert_eq!(User::called(&MFA.id()), Some(MFA));
        assert_eq!(User::called("bob"), None);
    }
}
