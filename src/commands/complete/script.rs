//! The scripts that make a shell ask.

use clap_complete::env::Shells;

use super::VARIABLE;
use super::shell::Shell;
use crate::error::{Error, Kind};

const BASH: &str = r#"_swr() {
    # bash splits words at '=' and ':', which swr takes as they are.
    local rest=${COMP_LINE:0:COMP_POINT} words=() word gap i
    for ((i = 0; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        gap=${rest%%"$word"*}
        rest=${rest#*"$word"}
        if [[ -z $gap && ${#words[@]} -gt 0 ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    local current=${rest#"${rest%%[![:blank:]]*}"}
    if [[ $rest == "$current" ]]; then
        current=${words[${#words[@]} - 1]}$current
        words[${#words[@]} - 1]=$current
    else
        words+=("$current")
    fi
    # What stands before the last of them stays on the line.
    local breaks=${COMP_WORDBREAKS//[^=:@]/} kept=
    if [[ -n $breaks && $current == *["$breaks"]* ]]; then
        kept=${current%"${current##*["$breaks"]}"}
    fi
    local candidate
    COMPREPLY=()
    while IFS= read -r candidate; do
        COMPREPLY+=("${candidate#"$kept"}")
    done < <(VAR=bash swr "${COMP_TYPE:-9}" "${COLUMNS:-80}" -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o bashdefault -o nosort -F _swr swr
else
    complete -o bashdefault -F _swr swr
fi
"#;

const ZSH: &str = r#"#compdef swr
_swr() {
    local line
    local -a whole parts
    for line in "${(@f)$(VAR=zsh swr -- "${(@)words[1,CURRENT-1]}" "$PREFIX" 2>/dev/null)}"; do
        if [[ $line == *[=/] || $line == *'\:' ]]; then
            parts+=("$line")
        elif [[ -n $line ]]; then
            whole+=("$line")
        fi
    done
    (( $#parts )) && _describe -V values parts -S ''
    (( $#whole )) && _describe -V values whole
}
if [[ $funcstack[1] == _swr ]]; then
    _swr "$@"
else
    compdef _swr swr
fi
"#;

const FISH: &str = r#"complete --keep-order --exclusive --command swr --arguments "(VAR=fish swr -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor) 2>/dev/null)"
"#;

/// Returns the script for a shell. It asks the program itself, so it is never out of date.
///
/// # Errors
/// Kind `usage` for a shell that is not known.
pub(in crate::commands) fn script(name: &str) -> Result<String, Error> {
    let unknown = || {
        Error::new(
            Kind::Usage,
            format!("no completions for the shell '{name}'"),
        )
    };
    let text = match Shell::called(name.as_ref()).ok_or_else(unknown)? {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        Shell::Pwsh | Shell::Elvish => {
            let shells = Shells::builtins();
            let completer = shells.completer(name).ok_or_else(unknown)?;
            let mut script = Vec::new();
            completer
                .write_registration(VARIABLE, "swr", "swr", "swr", &mut script)
                .map_err(|error| {
                    Error::new(Kind::Io, "the script cannot be created").cause(error)
                })?;
            return Ok(String::from_utf8_lossy(&script).trim_start().to_owned());
        }
    };
    Ok(text.replace("VAR", VARIABLE))
}
