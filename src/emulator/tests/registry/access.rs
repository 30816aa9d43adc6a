//! Who may: challenges, tokens and logins.

use super::super::{EAST, NORTH, Played, REPO};
use super::{AUTH, Client, basic, login, refused, sha256, token};

#[test]
fn a_401_says_where_to_get_a_token_with_or_without_actions() {
    for (switch, actions) in [("challenge=empty", ""), ("challenge=actions", "pull")] {
        let played = Played::as_if(&[switch]);
        let host = played.host(NORTH);
        let realm = format!(
            "Bearer realm=\"http://{host}/swr/auth/v2/registry/auth/\",service=\"dockyard\""
        );
        for (line, challenge) in [
            ("GET /v2/", realm.clone()),
            (
                "GET /v2/demo/app/tags/list",
                format!("{realm},scope=\"repository:demo/app:{actions}\""),
            ),
        ] {
            let answer = played.send(NORTH, line, &[], "").unwrap();
            assert_eq!(
                refused(&answer),
                (401, "DENIED".to_owned(), "You may not login yet".to_owned())
            );
            assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
            assert_eq!(answer.header("forserver"), Some("swr"));
        }
        // A password straight at the registry opens nothing.
        let headers = [("Authorization", login(&played, NORTH))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        assert_eq!(
            played.send(NORTH, "GET /v2/", &headers, "").unwrap().status,
            401
        );
    }
}

#[test]
fn a_token_opens_the_repositories_of_its_scopes_in_its_region() {
    let played = Played::start();
    let denied = |text: &str| (401, "DENIED".to_owned(), text.to_owned());
    let ask = |region: &str, token: &str| {
        let headers = [("Authorization", token)];
        let line = "GET /v2/demo/app/tags/list";
        played.send(region, line, &headers, "").unwrap()
    };
    let client = Client::new(&played, NORTH);
    assert_eq!(ask(NORTH, &client.authorization).status, 200);
    let foreign = refused(&ask(EAST, &client.authorization));
    assert_eq!(foreign, denied("Authenticate Error"));
    let made_up = refused(&ask(NORTH, "Bearer made-up"));
    assert_eq!(made_up, denied("Authenticate Error"));
    // A token without a scope is for the first look only.
    let bare = Client::of(&played, NORTH, &[]);
    assert_eq!(bare.get("").status, 200);
    let other = refused(&bare.get("demo/app/tags/list"));
    assert_eq!(other, denied("you do not have the permission"));
    // A token to pull does not push.
    let reader = Client::of(&played, NORTH, &["repository:demo/app:pull"]);
    let push = reader.ask("POST /v2/demo/app/blobs/uploads/", &[], "");
    assert_eq!(refused(&push), denied("you do not have the permission"));
    // Empty actions, as in the service's own challenge, open what they are used for.
    let empty = Client::of(&played, NORTH, &["repository:demo/app:"]);
    assert_eq!(empty.blob("demo/app", "x"), sha256("x"));
}

#[test]
fn the_token_service_refuses_who_has_no_business() {
    let played = Played::start();
    played.emulator.add_foreign_namespace(NORTH, "theirs");
    let good = login(&played, NORTH);
    let user = "cn-north-4@EMULATORDEMOKEY00001";
    let password = played.emulator.registry_password();
    let ask = |authorization: &str, scope: &str| {
        let answer = token(&played, NORTH, authorization, &[scope]);
        (answer.status, answer.json()["errors"][0]["message"].clone())
    };
    let own = "repository:demo/app:pull";
    assert_eq!(ask(&good, own).0, 200);
    for (authorization, scope, text) in [
        ("", own, "You may not login yet"),
        (basic(user, "wrong").as_str(), own, "You may not login yet"),
        (
            basic("cn-east-3@EMULATORDEMOKEY00001", &password).as_str(),
            own,
            "You may not login yet",
        ),
        (
            basic("nobody", &password).as_str(),
            own,
            "You may not login yet",
        ),
        ("Basic !", own, "You may not login yet"),
        ("Bearer x", own, "You may not login yet"),
        (
            good.as_str(),
            "repository:none/app:pull",
            "Image organization does not exist",
        ),
        (
            good.as_str(),
            "repository:theirs/app:pull",
            "you do not have the permission",
        ),
    ] {
        assert_eq!(ask(authorization, scope), (401, text.into()), "{scope}");
    }
    // OAuth2 by POST is not offered, which sends containerd back to GET.
    let post = played
        .send(NORTH, &format!("POST {AUTH}"), &[], "")
        .unwrap();
    assert_eq!(post.status, 404);
    assert_eq!(
        played
            .send(NORTH, "GET /v2/_catalog", &[], "")
            .unwrap()
            .status,
        404
    );
}

#[test]
fn a_key_is_locked_after_five_wrong_passwords() {
    let played = Played::start();
    let own = ["repository:demo/app:pull"];
    for _ in 0..5 {
        let wrong = basic("cn-north-4@EMULATORDEMOKEY00001", "wrong");
        assert_eq!(token(&played, NORTH, &wrong, &own).status, 401);
    }
    assert_eq!(
        token(&played, NORTH, &login(&played, NORTH), &own).status,
        401
    );
}

#[test]
fn a_temporary_login_opens_the_registry_that_it_names() {
    let played = Played::start();
    for (path, user) in [
        ("secret", "cn-north-4@HST"),
        ("secret?projectname=cn-north-4", "cn-north-4@HST"),
        ("secret?projectname=cn-north-4_dev", "cn-north-4_dev@HST"),
        ("authorizationtoken", "bearertoken@HST"),
    ] {
        let answer = played.post(&format!("/v2/manage/utils/{path}"), "");
        let command = answer.header("x-swr-dockerlogin").unwrap();
        assert!(command.contains(user), "{command}");
        let answer = answer.json();
        let auth = answer["auths"][played.host(NORTH)]["auth"].clone();
        let login = format!("Basic {}", auth.as_str().unwrap());
        let scope = ["repository:demo/app:pull,push"];
        assert_eq!(token(&played, NORTH, &login, &scope).status, 200);
        assert_eq!(token(&played, EAST, &login, &scope).status, 401);
    }
    for project in [
        "cn-east-3",
        "cn-east-3_dev",
        "cn-north-4_",
        "cn-north-41_dev",
        "dev",
    ] {
        let path = format!("/v2/manage/utils/secret?projectname={project}");
        assert!(played.post(&path, "").status >= 400, "{project}");
    }
    // A permanent key's user may name a sub-project, too.
    let password = played.emulator.registry_password();
    for (project, status) in [("cn-north-4_dev", 200), ("cn-east-3_dev", 401)] {
        let login = basic(&format!("{project}@EMULATORDEMOKEY00001"), &password);
        let scope = ["repository:demo/app:pull"];
        assert_eq!(token(&played, NORTH, &login, &scope).status, status);
    }
}

#[test]
fn a_public_repository_is_pulled_by_anybody_and_pushed_by_nobody() {
    let played = Played::start();
    let patch = played.ask(NORTH, "PATCH", REPO, r#"{"is_public":true}"#);
    assert_eq!(patch.status, 201);
    let scope = ["repository:demo/web/api:pull,push"];
    // Some clients send an empty user for nobody.
    for nobody in ["", &basic("", "")] {
        let client = |scopes: &[&str]| {
            let token = token(&played, NORTH, nobody, scopes).json()["token"].clone();
            Client {
                played: &played,
                region: NORTH,
                authorization: format!("Bearer {}", token.as_str().unwrap()),
            }
        };
        let anybody = client(&scope);
        assert_eq!(anybody.get("demo/web/api/manifests/v1.0.0").status, 200);
        let push = anybody.ask("POST /v2/demo/web/api/blobs/uploads/", &[], "");
        assert_eq!(push.status, 401);
        // A token without a scope is for the first look only.
        let bare = client(&[]);
        assert_eq!(bare.get("").status, 200);
        assert_eq!(bare.get("demo/web/api/tags/list").status, 401);
    }
}
