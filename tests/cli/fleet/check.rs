//! The file of a fleet: what is valid, and every fault with its code, file, line and key.

use crate::support::Home;

/// A fleet's file without a fault, for tables to break.
const ENTRY: &str =
    "[[sync]]\nnamespace = \"team\"\nrepositories = [\"web/**\"]\nto = [\"cn-east-3\"]\n";

/// The faults that the file leads to: key, line, message. Looked at for people and for programs.
fn faults(home: &Home) -> Vec<(String, Option<u64>, String)> {
    let run = home.swr("check -o json").exits(1);
    assert_eq!(run.stdout, "", "{run}");
    let error = run.json_error();
    assert_eq!(error["kind"], "config", "{run}");
    assert_eq!(error["exit_code"], 1, "{run}");
    // Every verb that reads it says the same, before it looks for a service.
    for line in [
        "plan",
        "apply",
        "apply --prune --yes --create-namespace --backfill",
        "apply --dry-run",
        "sync status -f swr.toml",
    ] {
        let other = home.swr(&format!("{line} -o json")).exits(1);
        assert_eq!(other.stdout, "", "{line}: {other}");
        assert_eq!(other.json_error(), error, "{line}");
    }
    let human = home.swr("check").exits(1);
    assert_eq!(human.stdout, "", "{human}");
    let fields = error["fields"].as_array().expect("fields");
    fields
        .iter()
        .map(|field| {
            let message = field["message"].as_str().unwrap();
            assert!(
                human.stderr.contains(&format!("error: {message}\n")),
                "{human}"
            );
            assert_eq!(field["file"], "swr.toml");
            (
                field["field"].as_str().unwrap().to_owned(),
                field["line"].as_u64(),
                message.to_owned(),
            )
        })
        .collect()
}

#[test]
fn a_valid_fleet_is_counted() {
    let example = include_str!("../../../swr.example.toml");
    let home = Home::new().file("swr.toml", example);
    let run = home.swr("check").exits(0);
    assert_eq!(
        run.stdout,
        "valid: 1 file, 3 entries, 1 source namespace, 3 target namespaces\n"
    );
    assert_eq!(run.stderr, "");
    let document = home.swr("check -o json").exits(0).document("check");
    assert_eq!(
        document,
        serde_json::json!({"files": 1, "entries": 3, "namespaces": 1, "targets": 3, "warnings": []})
    );
}

#[test]
fn every_fault_names_its_key_and_its_line() {
    let top = |text: &str| format!("{text}\n{ENTRY}");
    let entry = |line: &str| format!("{ENTRY}{line}\n");
    let instead = |from: &str, to: &str| ENTRY.replace(from, to);
    #[rustfmt::skip] // a table reads as a table
    let table: Vec<(String, &str, u64, &str)> = vec![
        // Keys.
        (instead("repositories", "repos"), "sync[0].repos", 3, "unknown key 'repos' (swr.toml:3)"),
        (entry("auto = true"), "sync[0].auto", 5, "unknown key 'auto' (swr.toml:5): every task of a fleet copies on push; others cannot be read back"),
        (top("[defaults]\ntoken = 'x'"), "defaults.token", 2, "'token' does not belong in a fleet (swr.toml:2): it goes to config.toml"),
        (entry("secret_key = 'x'"), "sync[0].secret_key", 5, "'secret_key' does not belong in a fleet (swr.toml:5): it goes to config.toml"),
        (top("[default]"), "default", 1, "unknown key 'default' (swr.toml:1)"),
        (top("[defaults]\nnamespace = 'team'"), "defaults.namespace", 2, "'namespace' does not belong here (swr.toml:2)"),
        (top("[target.cn-east-3]\nto = []"), "target.\"cn-east-3\".to", 2, "'to' does not belong here (swr.toml:2)"),
        (instead("[\"cn-east-3\"]", "[{region = 'cn-east-3', name = 'x'}]"), "sync[0].to[0].name", 4, "unknown key 'name' (swr.toml:4)"),
        (entry("ignore = [{region = 'cn-east-2', override = true}]"), "sync[0].ignore[0].override", 5, "'override' does not belong here (swr.toml:5)"),
        // Shapes.
        (top("defaults = 1"), "defaults", 1, "'defaults' must be a table, not an integer (swr.toml:1)"),
        ("sync = 1".to_owned(), "sync", 1, "'sync' must be [[sync]] tables, not an integer (swr.toml:1)"),
        ("sync = [1]".to_owned(), "sync[0]", 1, "'sync[0]' must be a table, not an integer (swr.toml:1)"),
        (entry("override = 'yes'"), "sync[0].override", 5, "'sync[0].override' must be true or false, not text (swr.toml:5)"),
        (instead("[\"web/**\"]", "\"web/**\""), "sync[0].repositories", 3, "'sync[0].repositories' must be a list of patterns, not text (swr.toml:3)"),
        (instead("\"web/**\"", "\n1"), "sync[0].repositories[0]", 4, "'sync[0].repositories[0]' must be text in quotes, not an integer (swr.toml:4)"),
        (instead("[\"cn-east-3\"]", "\"cn-east-3\""), "sync[0].to", 4, "'sync[0].to' must be a list of regions, not text (swr.toml:4)"),
        (instead("\"cn-east-3\"", "7"), "sync[0].to[0]", 4, "'sync[0].to[0]' must be a region, or a table with region and namespace, not an integer (swr.toml:4)"),
        (instead("\"cn-east-3\"", "{}"), "sync[0].to[0]", 4, "'region' is missing (swr.toml:4)"),
        // What has to be there.
        (instead("namespace = \"team\"\n", ""), "sync[0]", 1, "'namespace' is missing (swr.toml:1)"),
        (instead("repositories = [\"web/**\"]\n", ""), "sync[0]", 1, "'repositories' is missing (swr.toml:1)"),
        (instead("to = [\"cn-east-3\"]\n", ""), "sync[0]", 1, "'to' is missing here and in [defaults] (swr.toml:1): write to = [] to own the repositories and wish nothing"),
        (instead("[\"web/**\"]", "[]"), "sync[0].repositories", 3, "'sync[0].repositories' selects nothing (swr.toml:3): add a pattern, '**' for all"),
        (instead("\"web/**\"", "\"!web/**\""), "sync[0].repositories", 3, "'sync[0].repositories' selects nothing (swr.toml:3): add a pattern, '**' for all"),
        // Names.
        (instead("\"team\"", "\"te*\""), "sync[0].namespace", 2, "invalid namespace 'te*' (swr.toml:2): a source namespace is a name; globs and templates do not work here"),
        (instead("\"team\"", "\"{region}\""), "sync[0].namespace", 2, "invalid namespace '{region}' (swr.toml:2): a source namespace is a name; globs and templates do not work here"),
        (instead("web/**", "web$api"), "sync[0].repositories[0]", 3, "invalid pattern 'web$api' (swr.toml:3): '$' at position 4 must be a lowercase letter, a digit, '.', '_', '-' or '/'"),
        (instead("web/**", "web**"), "sync[0].repositories[0]", 3, "invalid pattern 'web**' (swr.toml:3): '**' must be a whole part, between slashes"),
        (instead("web/**", "web/\\\\*"), "sync[0].repositories[0]", 3, "invalid pattern 'web/\\*' (swr.toml:3): '\\' at position 5 is not allowed: names hold nothing that needs an escape"),
        (instead("cn-east-3", "cn-east-3/x"), "sync[0].to[0]", 4, "invalid region 'cn-east-3/x' (swr.toml:4): '/' at position 10 must be a lowercase letter, a digit or '-'"),
        (entry("region = 'North'"), "sync[0].region", 5, "invalid region 'North' (swr.toml:5): 'N' at position 1 must be a lowercase letter"),
        (top("[target.East]"), "target.\"East\"", 1, "invalid region 'East' (swr.toml:1): 'E' at position 1 must be a lowercase letter"),
        // Templates.
        (entry("to_namespace = '{x}'"), "sync[0].to_namespace", 5, "invalid template '{x}' (swr.toml:5): '{x}' is unknown; {namespace} and {region} are known"),
        (entry("to_namespace = 'a}'"), "sync[0].to_namespace", 5, "invalid template 'a}' (swr.toml:5): a brace stands alone; {namespace} and {region} are known"),
        (entry("to_namespace = '{namespace}/x'"), "sync[0].to_namespace", 5, "the template '{namespace}/x' gives 'team/x', which is not a namespace (swr.toml:5): '/' at position 5 must be a lowercase letter, a digit, '.', '_' or '-'"),
        (top("[target.cn-east-3]\nnamespace = 'X/{region}'"), "target.\"cn-east-3\".namespace", 2, "the template 'X/{region}' gives 'X/cn-east-3', which is not a namespace (swr.toml:2): 'X' at position 1 must be a lowercase letter"),
        // What contradicts itself.
        (entry("region = 'cn-east-3'"), "sync[0].to[0]", 4, "the target team (cn-east-3) is the source itself (swr.toml:4)"),
        (entry("profile = 'nobody'"), "sync[0].profile", 5, "no profile 'nobody' (swr.toml:5)"),
        (format!("{ENTRY}{ENTRY}override = true\n"), "sync[1].to[0]", 8, "conflict at team/web/** to team (cn-east-3): override no (swr.toml:4), yes (swr.toml:8)"),
        (entry("ignore = ['cn-east-3']"), "sync[0].ignore[0]", 5, "conflict at team/web/** to team (cn-east-3): wanted (swr.toml:4), ignored (swr.toml:5)"),
        // What is not TOML.
        (entry("to = []"), "", 5, "invalid TOML (swr.toml:5): duplicate key"),
        (entry("x = "), "", 5, "invalid TOML (swr.toml:5): "),
        (entry("x\0 = 1"), "", 5, "a NUL character (swr.toml:5)"),
    ];
    for (text, key, line, message) in table {
        let home = Home::new().file("swr.toml", &text);
        let found = faults(&home);
        let [(field, at, said)] = found.as_slice() else {
            panic!("not one fault: {found:#?}\n{text}");
        };
        assert_eq!((field.as_str(), *at), (key, Some(line)), "{said}\n{text}");
        assert!(said.starts_with(message), "{said}\nnot: {message}");
        let open_end = message.ends_with(": ");
        assert!(open_end || said == message, "{said}\nnot: {message}");
    }
}

#[test]
fn a_misspelled_key_is_answered_with_the_right_one() {
    let home = Home::new().file("swr.toml", &ENTRY.replace("repositories", "repos"));
    let run = home.swr("check").exits(1);
    assert_eq!(
        run.stderr,
        "error: unknown key 'repos' (swr.toml:3)\nhint: did you mean 'repositories'?\n"
    );
    let home = Home::new().file("swr.toml", &ENTRY.replace("web/**", "web$api"));
    assert!(
        home.swr("check")
            .exits(1)
            .stderr
            .contains("hint: write '/' for '$'\n")
    );
    let home = Home::new().file("swr.toml", &ENTRY.replace("cn-east-3", "cn-east-3/x"));
    let hint = "hint: write { region = \"cn-east-3\", namespace = \"x\" }\n";
    assert!(home.swr("check").exits(1).stderr.contains(hint));
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let home = Home::new()
        .file("fleet/a.toml", "[[sync]]\nnamespace = 't$'\nrepos = []\n")
        .file("fleet/b.toml", "[[sync]]\nto = [\n")
        .file("fleet/c.toml", "")
        .file("fleet/deeper/d.toml", "x = 1");
    let run = home.swr("check -f fleet -o json").exits(1);
    let error = run.json_error();
    let places: Vec<String> = error["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| format!("{}:{}", field["file"].as_str().unwrap(), field["line"]))
        .collect();
    assert_eq!(
        places,
        [
            "fleet/a.toml:1",
            "fleet/a.toml:2",
            "fleet/a.toml:3",
            "fleet/b.toml:2",
            "fleet/c.toml:null"
        ]
    );
}

#[test]
fn without_a_fleet_nothing_is_declared() {
    let home = Home::new();
    for verb in ["check", "plan", "apply", "apply --dry-run"] {
        assert_eq!(
            home.swr(verb).exits(1).stderr,
            "error: no fleet here: 'swr.toml' does not exist\n\
             hint: name one with -f, or write what is there: swr export -n NAME > swr.toml\n"
        );
    }
    let home = Home::new().file("swr.toml", "").file("empty/x.txt", "");
    assert_eq!(
        faults(&home),
        [(
            String::new(),
            None,
            "nothing is declared in 'swr.toml'".to_owned()
        )]
    );
    let home = home.file("swr.toml", "[defaults]\nto = []\n");
    assert_eq!(faults(&home)[0].2, "nothing is declared in 'swr.toml'");
    let run = home.swr("check -f empty").exits(1);
    assert!(
        run.stderr.contains("the directory 'empty' has no *.toml"),
        "{run}"
    );
    let run = home.swr("check -f nowhere.toml").exits(1);
    assert!(
        run.stderr.contains("'nowhere.toml' does not exist"),
        "{run}"
    );
    let run = home.swr("check -f - -f -").exits(2);
    assert!(
        run.stderr.contains("standard input is named twice"),
        "{run}"
    );
}

#[test]
fn a_file_that_is_too_long_or_not_text_is_refused() {
    let long = format!("{ENTRY}# {}", "x".repeat(16 << 20));
    let home = Home::new().file("swr.toml", &long);
    assert_eq!(faults(&home)[0].2, "'swr.toml' is longer than 16 MiB");
    std::fs::write(home.path().join("swr.toml"), b"# ok\n# \xff\n").unwrap();
    let message = "a byte that is not UTF-8 (swr.toml:2)".to_owned();
    assert_eq!(faults(&home), [(String::new(), Some(2), message)]);
}

#[test]
fn a_fleet_comes_from_files_directories_and_standard_input() {
    let other = ENTRY.replace("web/**", "db/**");
    let home = Home::new()
        .file("fleet/b.toml", ENTRY)
        .file("one.toml", &other)
        .typing(&format!("\u{feff}{}", ENTRY.replace("team", "prod")));
    let counts = |line: &str| home.swr(line).exits(0).document("check");
    let all = counts("check -f fleet -f one.toml -f - -o json");
    assert_eq!((&all["files"], &all["entries"]), (&3.into(), &3.into()));
    assert_eq!(
        (&all["namespaces"], &all["targets"]),
        (&2.into(), &2.into())
    );
}

#[test]
fn nearer_wins_and_defaults_end_with_their_file() {
    // Only the rules below make these two the same task: any other override is a conflict.
    let file = |nearest: &str| {
        format!(
            "[defaults]\nto = ['cn-east-3']\noverride = false\nto_namespace = 'far'\n\
             [target.cn-east-3]\nnamespace = 'near'\noverride = true\n\
             [[sync]]\nnamespace = 'team'\nrepositories = ['a']\n{nearest}\n\
             [[sync]]\nnamespace = 'team'\nrepositories = ['a']\nto = [{{region = 'cn-east-3', \
             namespace = 'near', override = true}}]\n"
        )
    };
    let home = Home::new().file("swr.toml", &file(""));
    assert_eq!(home.swr("check -o json").exits(0).json()["targets"], 1);
    let home = Home::new().file("swr.toml", &file("override = false"));
    assert!(
        faults(&home)[0]
            .2
            .starts_with("conflict at team/a to near (cn-east-3)")
    );
    let home = Home::new().file("swr.toml", &file("to_namespace = 'other'"));
    assert_eq!(home.swr("check -o json").exits(0).json()["targets"], 2);
    let home = Home::new().file("fleet/a.toml", &file("")).file(
        "fleet/b.toml",
        "[[sync]]\nnamespace = 'team'\nrepositories = ['a']\n",
    );
    let run = home.swr("check -f fleet").exits(1);
    assert!(
        run.stderr
            .contains("'to' is missing here and in [defaults] (fleet/b.toml:1)"),
        "{run}"
    );
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    let warnings = |text: &str| -> Vec<String> {
        let home = Home::new().file("swr.toml", text);
        let document = home.swr("check -o json").exits(0).document("check");
        let warnings = document["warnings"].as_array().unwrap();
        let human = home.swr("check").exits(0);
        let shown = |warning: &serde_json::Value| {
            let text = format!("{}:{}", warning["file"].as_str().unwrap(), warning["line"]);
            let message = warning["message"].as_str().unwrap();
            assert!(
                human
                    .stderr
                    .contains(&format!("warning: {message} ({text})\n")),
                "{human}"
            );
            format!("{} {message}", warning["line"])
        };
        warnings.iter().map(shown).collect()
    };
    assert_eq!(warnings(ENTRY), [""; 0]);
    let shared = format!(
        "{ENTRY}to_namespace = 'all'\n{}to_namespace = 'all'\n",
        ENTRY.replace("team", "prod")
    );
    assert_eq!(
        warnings(&shared),
        ["9 team and prod are both copied to all (cn-east-3), where equal names meet"]
    );
    let back = format!(
        "{ENTRY}region = 'cn-north-4'\n{}region = 'cn-east-3'\n",
        ENTRY.replace("cn-east-3", "cn-north-4")
    );
    assert_eq!(
        warnings(&back),
        ["9 team (cn-east-3) is copied to team (cn-north-4) and back"]
    );
    let odd = warnings(&ENTRY.replace("web/**", "Legacy").replace("team", "a--b"));
    assert_eq!(odd.len(), 2, "{odd:?}");
    assert!(
        odd[0].starts_with("2 'a--b' would be refused on a command line: "),
        "{odd:?}"
    );
    assert!(
        odd[1].starts_with("3 'Legacy' would be refused on a command line: "),
        "{odd:?}"
    );
}

#[test]
fn the_schema_takes_the_example_and_refuses_what_check_refuses() {
    let run = Home::new().swr("check --schema").exits(0);
    let schema = run.json();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-04/schema#");
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("fleet.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("fleet.json", &mut schemas).unwrap();
    let valid = |text: &str| {
        let value: toml::Table = text.parse().unwrap();
        let value = serde_json::to_value(value).unwrap();
        schemas.validate(&value, index).is_ok()
    };
    assert!(valid(include_str!("../../../swr.example.toml")));
    for broken in [
        String::new(),
        ENTRY.replace("repositories", "repos"),
        format!("{ENTRY}auto = true"),
        ENTRY.replace("[\"web/**\"]", "[]"),
        ENTRY.replace("\"cn-east-3\"", "{namespace = 'x'}"),
        ENTRY.replace("\"team\"", "\"te$am\""),
        format!("token = 'x'\n{ENTRY}"),
    ] {
        assert!(!valid(&broken), "{broken}");
    }
}

#[test]
fn an_option_that_contradicts_a_file_is_wrong_usage() {
    let text = format!("{ENTRY}region = 'cn-north-4'\nprofile = 'prod'\n");
    let home = Home::new()
        .config("[profiles.prod]\nregion = 'cn-north-1'\n[profiles.dev]\n")
        .file("swr.toml", &text);
    let _ = home.swr("check").exits(0);
    let _ = home
        .swr("check --region cn-north-4 --profile prod")
        .exits(0);
    let run = home.swr("check --region cn-north-1").exits(2);
    assert_eq!(
        run.stderr,
        "error: --region cn-north-1 contradicts swr.toml:1, whose region is 'cn-north-4' (--region)\n\
         hint: leave out --region\n"
    );
    let run = home.swr("check --profile dev -o json").exits(2);
    assert_eq!(run.json_error()["field"], "--profile");
    let _ = home
        .with("SWR_REGION", "cn-north-1")
        .with("SWR_PROFILE", "dev")
        .swr("check")
        .exits(0);
}
