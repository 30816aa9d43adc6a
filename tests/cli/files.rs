//! Every file of this folder is part of the program: the compiler does not look at forgotten ones.

#[test]
fn no_test_file_is_forgotten() {
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        if module != "main" {
            assert!(
                main.contains(&format!("mod {module};\n")),
                "tests/cli/{name} is not run"
            );
        }
    }
}
