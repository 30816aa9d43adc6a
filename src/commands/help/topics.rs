//! The topics of `swr help`.

use super::tables::{families, merge_order};
use crate::exit::Exit;
use crate::output::{Page, plain, strong};
use crate::settings::example::EXAMPLE;

/// A topic: its name and its text.
pub(super) struct Topic {
    pub(super) name: &'static str,
    pub(super) write: fn(&mut Page),
}

/// Every topic.
pub(super) const TOPICS: &[Topic] = &[
    Topic {
        name: "exit-codes",
        write: exit_codes,
    },
    Topic {
        name: "environment",
        write: environment,
    },
    Topic {
        name: "config",
        write: config,
    },
    Topic {
        name: "json",
        write: json,
    },
];

fn exit_codes(page: &mut Page) {
    let rows: Vec<_> = Exit::ALL
        .into_iter()
        .map(|exit| {
            let meaning = exit.meaning();
            let again = if meaning.again.is_empty() {
                "-"
            } else {
                meaning.again
            };
            vec![
                strong(meaning.code.to_string()),
                plain(meaning.name),
                plain(again),
                plain(meaning.when),
            ]
        })
        .collect();
    page.table(&["CODE", "NAME", "TRY AGAIN", "WHEN"], &rows);
    page.plain("");
    page.plain(format!(
        "Several items: the worst, in the order {}.",
        merge_order()
    ));
    page.plain("terraform and kubectl use 2 and 1 for 'differs'; here 2 is usage, and 8 differs.");
    page.plain("中文: docs/zh-CN/exit-codes.md");
}

fn environment(page: &mut Page) {
    for (index, (title, variables)) in families().into_iter().enumerate() {
        if index > 0 {
            page.plain("");
        }
        page.line(&[strong(title)]);
        let rows: Vec<_> = variables
            .iter()
            .map(|variable| {
                vec![
                    plain(format!("  {}", variable.name)),
                    plain(variable.meaning),
                ]
            })
            .collect();
        page.table(&[], &rows);
    }
    page.plain("");
    page.plain("<REGION> is a region's id in capitals, '-' written '_': SWR_TOKEN_CN_EAST_3.");
    page.plain(
        "An empty variable counts as unset. 'swr config show' shows which one is in effect.",
    );
}

fn config(page: &mut Page) {
    page.lines(EXAMPLE);
}

fn json(page: &mut Page) {
    page.lines(
        "-o json prints one JSON document on standard output, -o jsonl one object a line as they come.\n\
         \n\
         Keys are in snake_case. Times are RFC 3339 in UTC, durations are seconds, absent values are\n\
         null. Keys are added, never renamed or removed; lists of words may grow: ignore what you\n\
         do not know.\n\
         \n\
         Lists are arrays. A command that acts on many prints {\"items\":[...],\"summary\":{...}}, also\n\
         when some failed; each item has \"status\", \"exit_code\" and \"error\".\n\
         \n\
         An error is one line on standard error:\n\
         {\"error\":{\"kind\",\"message\",\"hint\",\"exit_code\",\"retryable\",\"http_status\",\"code\",\n\
         \x20         \"request_id\",\"field\",\"request\":{\"method\",\"path\"}}}\n\
         kind is one of usage, validation, config, auth, network, timeout, http, exists, unmet,\n\
         incomplete, io, interrupted, internal.\n\
         \n\
         docs/schemas has a JSON Schema of each document.",
    );
}
