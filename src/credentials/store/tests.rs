//! The file of the logins, in a directory of each test's own.

use super::Store;
use crate::credentials::keys::Keys;
use crate::credentials::logins::{Login, TokenLogin};
use crate::names::{Parse, RegionId};
use crate::secret::Secret;

fn region(id: &str) -> RegionId {
    RegionId::parse(id).unwrap()
}

fn token(region_id: &str, token: &str) -> Login {
    Login::Token(TokenLogin {
        region: region(region_id),
        token: Secret::new(token),
        project_id: Some("p".to_owned()),
        account: Some("account".to_owned()),
        user: None,
        expires_at: Some("2026-03-01T10:11:12.5Z".parse().unwrap()),
    })
}

fn keys(access_key: &str) -> Login {
    Login::Keys(Keys {
        access_key: access_key.to_owned(),
        secret_key: Secret::new("secret-key"),
        security_token: None,
    })
}

fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::new(home.path().join("data/swr/logins.json"));
    (home, store)
}

/// Returns the login that counts, in short.
fn found(store: &Store, profile: Option<&str>, id: &str) -> String {
    match store.read().find(profile, Some(&region(id))) {
        Some(Login::Token(login)) => login.token.expose().to_owned(),
        Some(Login::Keys(keys)) => keys.access_key.clone(),
        None => String::new(),
    }
}

#[test]
fn there_is_one_login_for_a_profile_and_a_region_and_keys_serve_all() {
    let (_home, store) = store();
    assert_eq!(found(&store, None, "cn-north-4"), "");
    store
        .add(
            None,
            vec![token("cn-north-4", "one"), token("cn-east-3", "east")],
        )
        .unwrap();
    store.add(None, vec![token("cn-north-4", "two")]).unwrap();
    store.add(Some("p"), vec![keys("AK")]).unwrap();
    assert_eq!(found(&store, None, "cn-north-4"), "two");
    assert_eq!(found(&store, None, "cn-east-3"), "east");
    assert_eq!(found(&store, None, "cn-south-1"), "");
    assert_eq!(found(&store, Some("p"), "cn-south-1"), "AK");
    store
        .add(Some("p"), vec![token("cn-south-1", "south")])
        .unwrap();
    assert_eq!(found(&store, Some("p"), "cn-south-1"), "south");
    store.add(Some("p"), vec![keys("AK2")]).unwrap();
    assert_eq!(found(&store, Some("p"), "cn-south-1"), "AK2");
}

#[test]
fn what_is_read_is_what_was_kept() {
    let (_home, store) = store();
    store.add(None, vec![token("cn-north-4", "one")]).unwrap();
    let logins = store.read();
    let Some(Login::Token(login)) = logins.find(None, Some(&region("cn-north-4"))) else {
        panic!("no token")
    };
    assert_eq!(login.project_id.as_deref(), Some("p"));
    assert_eq!(login.account.as_deref(), Some("account"));
    assert_eq!(login.user, None);
    assert_eq!(
        login.expires_at.unwrap().to_string(),
        "2026-03-01T10:11:12.5Z"
    );
}

#[test]
fn a_login_is_forgotten_and_another_one_is_not() {
    let (_home, store) = store();
    let north = region("cn-north-4");
    assert!(!store.remove(None, Some(&north)).unwrap());
    assert!(!store.remove_all().unwrap());
    assert!(!store.path().exists(), "nothing was written");
    store
        .add(
            None,
            vec![token("cn-north-4", "one"), token("cn-east-3", "east")],
        )
        .unwrap();
    assert!(store.remove(None, Some(&north)).unwrap());
    assert_eq!(found(&store, None, "cn-north-4"), "");
    assert_eq!(found(&store, None, "cn-east-3"), "east");
    assert!(store.remove_all().unwrap());
    assert_eq!(found(&store, None, "cn-east-3"), "");
    assert!(!store.remove_all().unwrap());
}

#[test]
fn a_damaged_file_is_no_login_and_the_next_login_mends_it() {
    for damage in ["", "{", "[]", r#"{"version":2,"logins":[]}"#] {
        let (_home, store) = store();
        store.add(None, vec![token("cn-north-4", "one")]).unwrap();
        std::fs::write(store.path(), damage).unwrap();
        assert!(store.read().is_damaged, "{damage}");
        assert_eq!(found(&store, None, "cn-north-4"), "");
        store.add(None, vec![token("cn-north-4", "two")]).unwrap();
        assert_eq!(found(&store, None, "cn-north-4"), "two");
    }
}

#[test]
fn a_dead_token_is_forgotten_and_the_one_that_took_its_place_is_not() {
    let (_home, store) = store();
    store.add(None, vec![token("cn-north-4", "dead")]).unwrap();
    assert!(store.forget(&Secret::new("dead")).unwrap());
    assert_eq!(found(&store, None, "cn-north-4"), "");
    store.add(None, vec![token("cn-north-4", "new")]).unwrap();
    assert!(!store.forget(&Secret::new("dead")).unwrap());
    assert_eq!(found(&store, None, "cn-north-4"), "new");
}

#[cfg(unix)]
#[test]
fn file_and_directory_are_for_the_user_alone_even_where_they_were_not() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, store) = store();
    let directory = store.path().parent().unwrap();
    std::fs::create_dir_all(directory).unwrap();
    std::fs::set_permissions(directory, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(store.path(), "").unwrap();
    store.add(None, vec![keys("AK")]).unwrap();
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let lock = store.path().with_extension("lock");
    assert_eq!(
        (mode(directory), mode(store.path()), mode(&lock)),
        (0o700, 0o600, 0o600)
    );
}

#[test]
fn writers_wait_for_each_other() {
    let (_home, store) = store();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let store = &store;
            scope.spawn(move || {
                let login = token(&format!("cn-north-{index}"), "t");
                store.add(None, vec![login]).unwrap();
            });
        }
    });
    for index in 0..8 {
        assert_eq!(found(&store, None, &format!("cn-north-{index}")), "t");
    }
}
