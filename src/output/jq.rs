//! `--jq`: a filter over JSON results, in the language of jq.

use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Filter, Vars, data};
use jaq_json::{Val, read};

use super::json::escaped;
use super::text::harmless_lines;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::origin::Origin;

type Compiled = Filter<data::JustLut<Val>>;

/// Fails when a filter is not valid.
///
/// # Errors
/// Kind `validation`, with the part that is wrong.
pub(super) fn check(filter: &str) -> Result<(), Error> {
    compile(filter).map(|_| ())
}

/// Returns what the filter makes of a sequence of JSON documents: a line for each value, text
/// without its quotes.
///
/// # Errors
/// Kind `validation` when the filter fails on a value, or the input is not JSON.
pub(super) fn apply(filter: &str, documents: &str) -> Result<String, Error> {
    let compiled = compile(filter)?;
    let failed = |what: String| {
        Error::new(Kind::Validation, what)
            .origin(Origin::Option("--jq"))
            .exit(Exit::Local)
    };
    let mut text = String::new();
    for document in read::parse_many(documents.as_bytes()) {
        let document = document.map_err(|_| {
            failed("the result of this command is not JSON, so it cannot be filtered".to_owned())
        })?;
        let context = Ctx::<data::JustLut<Val>>::new(&compiled.lut, Vars::new([]));
        for value in compiled.id.run((context, document)) {
            match value {
                Ok(Val::TStr(string)) => {
                    text.push_str(&harmless_lines(&String::from_utf8_lossy(&string)));
                }
                Ok(value) => text.push_str(&escaped(value.to_string())),
                Err(exception) => match exception.get_err() {
                    Ok(error) => {
                        return Err(failed(format!("the filter '{filter}' failed: {error}")));
                    }
                    // The filter has said `halt`.
                    Err(_) => return Ok(text),
                },
            }
            text.push('\n');
        }
    }
    Ok(text)
}

fn compile(filter: &str) -> Result<Compiled, Error> {
    let invalid = |near: Option<&str>| {
        let near = match near.map(str::trim) {
            Some("") | None => "it ends too early".to_owned(),
            Some(near) => format!("near '{}'", near.chars().take(30).collect::<String>()),
        };
        Error::new(
            Kind::Validation,
            format!("invalid filter '{filter}': {near}"),
        )
        .origin(Origin::Option("--jq"))
        .hint("use the syntax of jq, like '.[].tag'")
    };
    let definitions = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let functions = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let arena = Arena::default();
    let program = File {
        code: filter,
        path: (),
    };
    let modules = Loader::new(definitions)
        .load(&arena, program)
        .map_err(|errors| {
            let near = errors.first().and_then(|(_, error)| match error {
                load::Error::Lex(errors) => errors.first().map(|(_, near)| *near),
                load::Error::Parse(errors) => errors.first().map(|(_, near)| *near),
                load::Error::Io(errors) => errors.first().map(|(near, _)| *near),
            });
            invalid(near)
        })?;
    Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|errors| {
            let undefined = errors.first().and_then(|(_, errors)| errors.first());
            invalid(undefined.map(|(name, _)| *name))
        })
}

#[cfg(test)]
mod tests {
    use super::{apply, check};

    const TAGS: &str =
        r#"[{"tag":"v1","size":10,"digest":null},{"tag":"v2","size":30,"digest":"é"}]"#;

    #[test]
    fn a_filter_writes_a_line_for_each_value() {
        for (filter, expected) in [
            (".[].tag", "v1\nv2\n"),
            (".[0]", "{\"tag\":\"v1\",\"size\":10,\"digest\":null}\n"),
            ("map(.size) | add", "40\n"),
            ("map(select(.size > 10)) | length", "1\n"),
            (".[] | [.tag, .size] | @json", "[\"v1\",10]\n[\"v2\",30]\n"),
            (".[] | \"\\(.tag)=\\(.digest)\"", "v1=null\nv2=é\n"),
            ("[.[].tag] | join(\",\")", "v1,v2\n"),
            ("sort_by(-.size)[0].tag", "v2\n"),
            ("group_by(.digest) | length", "2\n"),
            (
                ".[] | select(.tag | startswith(\"v1\")) | keys",
                "[\"digest\",\"size\",\"tag\"]\n",
            ),
            (".[] | select(.tag | test(\"^v[2-9]$\")) | .tag", "v2\n"),
            (".[].tag, halt, 1", "v1\nv2\n"),
            ("empty", ""),
            ("10000000000000001, 0.5", "10000000000000001\n0.5\n"),
        ] {
            assert_eq!(apply(filter, TAGS).unwrap(), expected, "{filter}");
        }
    }

    #[test]
    fn a_filter_that_is_not_valid_says_where() {
        for (filter, near) in [
            (".[", "it ends too early"),
            (".a | frobnicate", "near 'frobnicate'"),
            (".a ]", "near ']'"),
        ] {
            let error = check(filter).unwrap_err();
            assert_eq!(error.what(), format!("invalid filter '{filter}': {near}"));
            assert_eq!(error.exit_code().code(), 2);
        }
    }

    #[test]
    fn a_filter_that_fails_is_an_error_of_its_own() {
        let error = apply(".[].tag.name", TAGS).unwrap_err();
        assert_eq!(error.exit_code().code(), 1, "{error}");
        assert!(
            apply(".", "exit codes")
                .unwrap_err()
                .what()
                .contains("is not JSON")
        );
    }
}
