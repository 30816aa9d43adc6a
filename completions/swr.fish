complete --keep-order --exclusive --command swr --arguments "(SWR_COMPLETE=fish swr -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
