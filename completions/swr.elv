set edit:completion:arg-completer[swr] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) SWR_COMPLETE="elvish" swr -- $@words) | to-lines
}

