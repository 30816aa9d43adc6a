//! The tables behind the topics, and the pages of docs/ that are made from them.

use crate::exit::Exit;
use crate::settings::{Family, VARIABLES, Variable};

/// Returns the variables by family, in the order of the table.
pub(super) fn families() -> Vec<(&'static str, Vec<&'static Variable>)> {
    let mut families: Vec<(Family, Vec<&'static Variable>)> = Vec::new();
    for variable in VARIABLES {
        match families
            .iter_mut()
            .find(|(family, _)| *family == variable.family)
        {
            Some((_, variables)) => variables.push(variable),
            None => families.push((variable.family, vec![variable])),
        }
    }
    families
        .into_iter()
        .map(|(family, variables)| (family.title(), variables))
        .collect()
}

/// Returns the codes from the worst to the best, as several ends are merged.
pub(super) fn merge_order() -> String {
    let mut exits: Vec<Exit> = Exit::ALL
        .into_iter()
        .filter(|exit| *exit != Exit::Usage)
        .collect();
    exits.sort_by(|one, other| {
        if one == other {
            std::cmp::Ordering::Equal
        } else if one.worse(*other) == *one {
            std::cmp::Ordering::Less
        } else {
            std::cmp::Ordering::Greater
        }
    });
    let codes: Vec<String> = exits.iter().map(|exit| exit.code().to_string()).collect();
    codes.join(", ")
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, file};

    use super::{families, merge_order};
    use crate::api::ADVICE;
    use crate::exit::Exit;

    fn table(headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
        let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut text = line(headers.iter().map(|&header| header.to_owned()).collect());
        text.push_str(&line(headers.iter().map(|_| "---".to_owned()).collect()));
        for row in rows {
            text.push_str(&line(
                row.iter().map(|cell| cell.replace('|', "\\|")).collect(),
            ));
        }
        text
    }

    #[test]
    fn the_page_of_exit_codes_is_made_from_the_tables() {
        let codes = Exit::ALL.into_iter().map(|exit| {
            let m = exit.meaning();
            vec![
                m.code.to_string(),
                m.name.into(),
                m.when.into(),
                m.again.into(),
            ]
        });
        let advice = ADVICE.iter().map(|row| {
            let codes = row
                .code
                .map_or(String::new(), |code| code.texts().join(", "));
            vec![row.status.to_string(), codes, row.remedy.into()]
        });
        let page = format!(
            "# Exit codes\n\n\
             Made from the tables that the code uses; `swr help exit-codes` prints the first.\n\n\
             {}\n\
             Several items: the worst, in the order {}. `terraform` and `kubectl` use 2 and 1 for\n\
             'differs'; here 2 is usage, and 8 differs.\n\n\
             ## What the service's codes mean\n\n\
             Status, code, text and request id are always shown as they came; this is the hint that\n\
             is added. A code is matched by its end: `SVCSTG.SWR.4030170` by `4030170`.\n\n{}",
            table(&["code", "name", "when", "again?"], codes),
            merge_order(),
            table(&["status", "code", "hint"], advice),
        );
        assert_data_eq!(page, file!["../../../docs/exit-codes.md"].raw());
    }

    #[test]
    fn the_chinese_page_of_exit_codes_is_made_from_the_same_tables() {
        use crate::commands::help::chinese::{of_advice, of_exit};
        let codes = Exit::ALL.into_iter().map(|exit| {
            let m = exit.meaning();
            let (when, again) = of_exit(exit);
            vec![m.code.to_string(), m.name.into(), when.into(), again.into()]
        });
        let advice = ADVICE.iter().map(|row| {
            let codes = row
                .code
                .map_or(String::new(), |code| code.texts().join(", "));
            let chinese = of_advice(row.remedy);
            let chinese = chinese.unwrap_or_else(|| panic!("not translated: {}", row.remedy));
            vec![row.status.to_string(), codes, chinese.into()]
        });
        let page = format!(
            "# 退出码\n\n\
             [English](../exit-codes.md) · 简体中文\n\n\
             由代码使用的表生成；`swr help exit-codes` 输出第一张表。\n\n\
             {}\n\
             多个对象时取最严重的，顺序为 {}。`terraform` 和 `kubectl` 用 2 和 1 表示\n\
             有差异；这里 2 表示用法错误，8 表示有差异。\n\n\
             ## 服务错误码的含义\n\n\
             状态、错误码、原文和请求 ID 总是原样显示；下面是附加的提示。错误码按结尾匹配：\n\
             `SVCSTG.SWR.4030170` 匹配 `4030170`。\n\n{}",
            table(&["退出码", "名称", "何时", "可否重试"], codes),
            merge_order(),
            table(&["状态", "错误码", "提示"], advice),
        );
        assert_data_eq!(page, file!["../../../docs/zh-CN/exit-codes.md"].raw());
    }

    #[test]
    fn the_page_of_variables_is_made_from_the_table() {
        let mut page = "# Environment variables\n\n\
             Every variable that `swr` reads; `swr help environment` prints the same. `<REGION>` is a\n\
             region's id in capitals with `-` as `_`: `SWR_TOKEN_CN_EAST_3`. An empty variable counts\n\
             as unset.\n"
            .to_owned();
        for (title, variables) in families() {
            let rows = variables.iter().map(|variable| {
                vec![
                    format!("`{}`", variable.name),
                    variable.setting.into(),
                    variable.meaning.into(),
                ]
            });
            page.push_str(&format!(
                "\n## {title}\n\n{}",
                table(&["variable", "setting", "meaning"], rows)
            ));
        }
        assert_data_eq!(page, file!["../../../docs/environment.md"].raw());
    }

    #[test]
    fn the_page_of_commands_is_made_from_the_tree() {
        fn write(command: &mut clap::Command, path: &str, depth: usize, page: &mut String) {
            let mark = "#".repeat(depth.min(3));
            let help = command.render_long_help();
            page.push_str(&format!("\n{mark} `{path}`\n\n```text\n{help}```\n"));
            for inner in command.get_subcommands_mut().filter(|it| !it.is_hide_set()) {
                let path = format!("{path} {}", inner.get_name());
                write(inner, &path, depth + 1, page);
            }
        }
        let mut command = crate::commands::Arguments::tree();
        let mut page =
            "# Commands\n\nThe help of every command, made from the tree that clap parses.\n"
                .to_owned();
        write(&mut command, "swr", 2, &mut page);
        assert_data_eq!(page, file!["../../../docs/cli.md"].raw());
    }
}
