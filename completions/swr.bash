_swr() {
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
    done < <(SWR_COMPLETE=bash swr "${COMP_TYPE:-9}" "${COLUMNS:-80}" -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o bashdefault -o nosort -F _swr swr
else
    complete -o bashdefault -F _swr swr
fi
