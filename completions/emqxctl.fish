# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_emqxctl_global_optspecs
    string join \n s/server= o/output= color= no-color q/quiet timeout= y/yes no-input no-header h/help V/version
end

function __fish_emqxctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_emqxctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_emqxctl_using_subcommand
    set -l cmd (__fish_emqxctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c emqxctl -n "__fish_emqxctl_needs_command" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_needs_command" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_needs_command" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_needs_command" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_needs_command" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -s V -l version -d 'Print version'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "cluster" -d 'Look at the cluster, and at the nodes that agree in it'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "status" -d 'One screen: nodes, balance, running operations (same as `cluster status`)'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "rebalance" -d 'Move clients and sessions between nodes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "clients" -d 'Find, inspect and disconnect clients'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "client" -d 'Find, inspect and disconnect clients'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "sessions" -d 'Look into sessions, and take copies of them'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "session" -d 'Look into sessions, and take copies of them'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "data" -d 'Take copies of settings and retained messages, and bring them in'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "listeners" -d 'See, add, change and remove listeners while the nodes run'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "listener" -d 'See, add, change and remove listeners while the nodes run'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "node" -d 'Look after single nodes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "nodes" -d 'Look after single nodes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "top" -d 'Watch the cluster on a full screen, live'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "demo" -d 'Start a cluster with live clients on this machine, and evacuate one of its nodes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "completion" -d 'Print a shell\'s completion script'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "generate" -d 'Write manual pages or completion scripts into a folder'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "version" -d 'Print the version of this tool'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "exit-codes" -d 'Print the exit codes'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "bench" -d 'Put load on a broker: connect, publish, subscribe, and see what came of it'
complete -c emqxctl -n "__fish_emqxctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "status" -d 'One screen: nodes, balance, running operations, and who agrees on them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "leave" -d 'Have the node that --server names leave the control group, before it is taken away for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "remove" -d 'Remove a node from the control group, also one that is dead'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "join" -d 'Have a node join the control group of the others, forgetting the one it was in'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "recover" -d 'Go on without a majority of the voters that is lost for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and not __fish_seen_subcommand_from status leave remove join recover help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l force -d 'Also when the node serves sessions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from leave" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l force -d 'Also when the node serves sessions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from join" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from recover" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "status" -d 'One screen: nodes, balance, running operations, and who agrees on them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "leave" -d 'Have the node that --server names leave the control group, before it is taken away for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Remove a node from the control group, also one that is dead'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "join" -d 'Have a node join the control group of the others, forgetting the one it was in'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "recover" -d 'Go on without a majority of the voters that is lost for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "start" -d 'Start an evacuation: take one node out of service at a chosen pace'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "status" -d 'Show operations, or one of them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "node-status" -d 'Show the operation that concerns a node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "watch" -d 'Follow an operation until nothing moves any more'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "stop" -d 'Stop an operation; the node serves again at once'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and not __fish_seen_subcommand_from start status node-status watch stop help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l evacuation -d 'Evacuate NODE; without a name the node that answers, after a question' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l wait-health-check -d 'Wait so long for the load balancer before anybody is disconnected; 0 = not at all [default: 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l conn-evict-rate -d 'Close at most so many connections each second [default: 500]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l wait-takeover -d 'Give disconnected clients so long to come back elsewhere; 0 = none [default: 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l sess-evict-rate -d 'Move at most so many sessions without a client each second [default: 500]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l redirect-to -d 'Server Reference for MQTT 5 clients: auto, none, or "HOST:PORT ..." [default: auto]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l migrate-to -d 'Nodes that take the clients in [default: all others that serve]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l reason -d 'Why, for whoever reads it later' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l wait -d 'Return quietly when nothing moves any more'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l watch -d 'Show how it goes until nothing moves any more (default on a terminal)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l detach -d 'Return as soon as it has started (default without a terminal)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from node-status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l node -d 'The operation that concerns this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "start" -d 'Start an evacuation: take one node out of service at a chosen pace'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show operations, or one of them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "node-status" -d 'Show the operation that concerns a node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "watch" -d 'Follow an operation until nothing moves any more'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "stop" -d 'Stop an operation; the node serves again at once'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand rebalance; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -f -a "list" -d 'List clients of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -f -a "show" -d 'Show one client with its subscriptions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -f -a "kick" -d 'Disconnect clients; their sessions stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and not __fish_seen_subcommand_from list show kick help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l node -d 'Only clients of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l connected -d 'Only connected ones'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l disconnected -d 'Only sessions without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l all -d 'As many as there are'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l discard-session -d 'End their sessions too: subscriptions and waiting messages are gone'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from help" -f -a "list" -d 'List clients of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one client with its subscriptions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from help" -f -a "kick" -d 'Disconnect clients; their sessions stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand clients; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -f -a "list" -d 'List clients of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -f -a "show" -d 'Show one client with its subscriptions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -f -a "kick" -d 'Disconnect clients; their sessions stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and not __fish_seen_subcommand_from list show kick help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l node -d 'Only clients of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l connected -d 'Only connected ones'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l disconnected -d 'Only sessions without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l all -d 'As many as there are'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l discard-session -d 'End their sessions too: subscriptions and waiting messages are gone'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from kick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "list" -d 'List clients of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one client with its subscriptions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "kick" -d 'Disconnect clients; their sessions stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -f -a "list" -d 'List sessions of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -f -a "show" -d 'Show one session: where it is, its Subscriptions and their options, and what it holds'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -f -a "export" -d 'Print whole sessions with their messages, one JSON document a line; they do not change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and not __fish_seen_subcommand_from list show export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l node -d 'Only sessions of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l glob -d 'Only Client Identifiers like this; * stands for any characters, ? for one' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l connected -d 'Only those with a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l disconnected -d 'Only those without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l all -d 'As many as there are'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l node -d 'Only sessions of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l glob -d 'Only Client Identifiers like this; * stands for any characters, ? for one' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l connected -d 'Only those with a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l disconnected -d 'Only those without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "list" -d 'List sessions of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one session: where it is, its Subscriptions and their options, and what it holds'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print whole sessions with their messages, one JSON document a line; they do not change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand sessions; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -f -a "list" -d 'List sessions of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -f -a "show" -d 'Show one session: where it is, its Subscriptions and their options, and what it holds'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -f -a "export" -d 'Print whole sessions with their messages, one JSON document a line; they do not change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and not __fish_seen_subcommand_from list show export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l node -d 'Only sessions of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l glob -d 'Only Client Identifiers like this; * stands for any characters, ? for one' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l limit -d 'At most so many' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l connected -d 'Only those with a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l disconnected -d 'Only those without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l all -d 'As many as there are'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l node -d 'Only sessions of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l prefix -d 'Only Client Identifiers that begin so' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l glob -d 'Only Client Identifiers like this; * stands for any characters, ? for one' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l connected -d 'Only those with a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l disconnected -d 'Only those without a connection'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from help" -f -a "list" -d 'List sessions of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one session: where it is, its Subscriptions and their options, and what it holds'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print whole sessions with their messages, one JSON document a line; they do not change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand session; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -f -a "export" -d 'Write cluster-wide settings and retained messages into a file'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -f -a "import" -d 'Bring settings and retained messages of a file in, all of them or none'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and not __fish_seen_subcommand_from export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l retained -d 'Only retained messages that match this Topic Filter' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l dry-run -d 'Only check it and tell what would change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write cluster-wide settings and retained messages into a file'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "import" -d 'Bring settings and retained messages of a file in, all of them or none'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand data; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "list" -d 'List listeners of all nodes, with the problems that they have'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "show" -d 'Show all settings and figures of a listener'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "add" -d 'Open a listener; it is there again after a restart of the node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "set" -d 'Change some settings of a listener; what is not given stays, and so do its connections'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "remove" -d 'Close a listener for good; its connections stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "enable" -d 'Let a disabled listener accept connections again'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "disable" -d 'Let a listener accept no more connections; those that it has stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "reload-certificates" -d 'Read certificate files again; new handshakes use them, connections stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l node -d 'Only listeners of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l node -d 'Only that of this node [default: all nodes that have one of this name]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l type -d 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS' -r -f -a "tcp\t'MQTT'
tls\t'MQTT over TLS'
ws\t'MQTT over WebSocket'
wss\t'MQTT over WebSocket over TLS'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l bind -d 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l max-connections -d 'Most connections at once, 0 = only the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l maximum-packet-size -d 'Largest packet accepted, such as 64KiB, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l connect-timeout -d 'From the accepted connection to CONNECT, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l proxy-protocol-timeout -d 'How long that header may take [default: 3s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l path -d 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l certfile -d 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l keyfile -d 'Private key on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l sni -d 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l cacertfile -d 'Of tls and wss: who may sign client certificates, file on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l client-certificate -d 'Of tls and wss: whether clients show a certificate [default: none]' -r -f -a "none\t'They are not asked for one'
optional\t'It is checked when they have one'
required\t'No handshake without one'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l handshake-timeout -d 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l proxy-protocol -d 'Every connection begins with a PROXY header, version 1 or 2'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l disabled -d 'Accept no connections until it is enabled'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l bind -d 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l max-connections -d 'Most connections at once, 0 = only the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l maximum-packet-size -d 'Largest packet accepted, such as 64KiB, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l connect-timeout -d 'From the accepted connection to CONNECT, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l proxy-protocol-timeout -d 'How long that header may take [default: 3s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l path -d 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l certfile -d 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l keyfile -d 'Private key on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l sni -d 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l cacertfile -d 'Of tls and wss: who may sign client certificates, file on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l client-certificate -d 'Of tls and wss: whether clients show a certificate [default: none]' -r -f -a "none\t'They are not asked for one'
optional\t'It is checked when they have one'
required\t'No handshake without one'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l handshake-timeout -d 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l proxy-protocol -d 'Every connection begins with a PROXY header, version 1 or 2'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l disabled -d 'Accept no connections until it is enabled'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l no-proxy-protocol -d 'Connections begin without a PROXY header'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l disconnect -d 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from reload-certificates" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "list" -d 'List listeners of all nodes, with the problems that they have'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all settings and figures of a listener'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "add" -d 'Open a listener; it is there again after a restart of the node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change some settings of a listener; what is not given stays, and so do its connections'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Close a listener for good; its connections stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Let a disabled listener accept connections again'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Let a listener accept no more connections; those that it has stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "reload-certificates" -d 'Read certificate files again; new handshakes use them, connections stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listeners; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "list" -d 'List listeners of all nodes, with the problems that they have'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "show" -d 'Show all settings and figures of a listener'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "add" -d 'Open a listener; it is there again after a restart of the node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "set" -d 'Change some settings of a listener; what is not given stays, and so do its connections'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "remove" -d 'Close a listener for good; its connections stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "enable" -d 'Let a disabled listener accept connections again'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "disable" -d 'Let a listener accept no more connections; those that it has stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "reload-certificates" -d 'Read certificate files again; new handshakes use them, connections stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and not __fish_seen_subcommand_from list show add set remove enable disable reload-certificates help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l node -d 'Only listeners of this node' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l node -d 'Only that of this node [default: all nodes that have one of this name]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l type -d 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS' -r -f -a "tcp\t'MQTT'
tls\t'MQTT over TLS'
ws\t'MQTT over WebSocket'
wss\t'MQTT over WebSocket over TLS'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l bind -d 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l max-connections -d 'Most connections at once, 0 = only the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l maximum-packet-size -d 'Largest packet accepted, such as 64KiB, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l connect-timeout -d 'From the accepted connection to CONNECT, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l proxy-protocol-timeout -d 'How long that header may take [default: 3s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l path -d 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l certfile -d 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l keyfile -d 'Private key on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l sni -d 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l cacertfile -d 'Of tls and wss: who may sign client certificates, file on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l client-certificate -d 'Of tls and wss: whether clients show a certificate [default: none]' -r -f -a "none\t'They are not asked for one'
optional\t'It is checked when they have one'
required\t'No handshake without one'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l handshake-timeout -d 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l proxy-protocol -d 'Every connection begins with a PROXY header, version 1 or 2'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l disabled -d 'Accept no connections until it is enabled'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l bind -d 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l max-connections -d 'Most connections at once, 0 = only the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l maximum-packet-size -d 'Largest packet accepted, such as 64KiB, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l connect-timeout -d 'From the accepted connection to CONNECT, 0 = the node\'s limit [default: 0]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l proxy-protocol-timeout -d 'How long that header may take [default: 3s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l path -d 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l certfile -d 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l keyfile -d 'Private key on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l sni -d 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l cacertfile -d 'Of tls and wss: who may sign client certificates, file on the node, PEM' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l client-certificate -d 'Of tls and wss: whether clients show a certificate [default: none]' -r -f -a "none\t'They are not asked for one'
optional\t'It is checked when they have one'
required\t'No handshake without one'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l handshake-timeout -d 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l proxy-protocol -d 'Every connection begins with a PROXY header, version 1 or 2'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l disabled -d 'Accept no connections until it is enabled'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l no-proxy-protocol -d 'Connections begin without a PROXY header'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l disconnect -d 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l node -d 'The node to change [default: the one that --server names; needed when it names several]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from reload-certificates" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "list" -d 'List listeners of all nodes, with the problems that they have'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all settings and figures of a listener'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "add" -d 'Open a listener; it is there again after a restart of the node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change some settings of a listener; what is not given stays, and so do its connections'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Close a listener for good; its connections stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "enable" -d 'Let a disabled listener accept connections again'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Let a listener accept no more connections; those that it has stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "reload-certificates" -d 'Read certificate files again; new handshakes use them, connections stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand listener; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -f -a "gc" -d 'Have nodes give back memory that they do not need, and show what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and not __fish_seen_subcommand_from gc help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l all -d 'All nodes of the cluster, also those that do not answer'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from gc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "gc" -d 'Have nodes give back memory that they do not need, and show what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand node; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -f -a "gc" -d 'Have nodes give back memory that they do not need, and show what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and not __fish_seen_subcommand_from gc help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l all -d 'All nodes of the cluster, also those that do not answer'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from gc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "gc" -d 'Have nodes give back memory that they do not need, and show what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand nodes; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l screen -d 'What is shown first' -r -f -a "overview\t'The whole cluster'
operation\t'One operation'
events\t'What has happened'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l interval -d 'Between two states, 100ms to 60s' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l readonly -d 'Offer nothing that changes the cluster'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand top" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l clients -d 'Clients with a session on the node that is evacuated; a third of them are offline by then' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l rate -d 'Connections, and then sessions, to move each second' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l nodes -d 'Nodes of the cluster' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l publish-rate -d 'QoS 1 messages to publish each second, to all clients in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l wait-health-check -d 'Time for a load balancer to notice, before the first connection is cut' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l wait-takeover -d 'Time for clients to come back, before sessions without a client are moved' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l emqxd -d 'The daemon\'s program [default: the one beside this program; built first under `cargo run`]' -r -F
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l keep -d 'Leave the cluster running and print how to reach it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -f -a "man" -d 'Write one manual page per command'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -f -a "completions" -d 'Write the completion scripts of all shells'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and not __fish_seen_subcommand_from man completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "man" -d 'Write one manual page per command'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "completions" -d 'Write the completion scripts of all shells'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand generate; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand version" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -s s -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand exit-codes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "conn" -d 'Connect clients that do nothing'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "pub" -d 'Publish, at a pace or as fast as the broker takes it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "sub" -d 'Subscribe, and judge what `bench pub` sends'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "mix" -d 'Publish and subscribe, so that every message is accounted for'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "evac" -d 'See what the evacuation of a node does to sessions, their clients and their messages'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and not __fish_seen_subcommand_from conn pub sub mix evac help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s c -l count -d 'Clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l host -d 'Brokers, which clients take in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s p -l port -d 'MQTT port of all of them' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l target -d 'Brokers with their ports, instead of --host and --port' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s V -l version -d 'MQTT version: 3 (3.1), 4 (3.1.1) or 5' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s R -l conn-rate -d 'Connections to open each second; 0: as many as the broker takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l ifaddr -d 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l prefix -d 'What Client Identifiers begin with [default: bench and a random number]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s n -l startnumber -d 'Number of the first client, in topics and Client Identifiers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s u -l username -d 'User Name of all clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s P -l password -d 'Password of all clients; others on this machine can see what is typed here, so prefer the variable' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s k -l keepalive -d 'Keep Alive, seconds; 0: none' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l duration -d 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l baseline -d 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from conn" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s c -l count -d 'Publishers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s t -l topic -d 'Topic Name; %i stands for the client\'s number, %c for its Client Identifier, %u for its User Name' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s s -l size -d 'Bytes of each payload; the first 24 carry publisher, number and time' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s I -l interval-of-msg -d 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l rate -d 'Open loop: all publishers together send so many messages a second' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s F -l inflight -d 'Closed loop: each publisher keeps so many messages under way, whatever time that takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l warmup -d 'Load before anything is counted' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s q -l qos -d 'QoS of messages and subscriptions' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s L -l limit -d 'Ends after so many messages of all clients together' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l host -d 'Brokers, which clients take in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s p -l port -d 'MQTT port of all of them' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l target -d 'Brokers with their ports, instead of --host and --port' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s V -l version -d 'MQTT version: 3 (3.1), 4 (3.1.1) or 5' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s R -l conn-rate -d 'Connections to open each second; 0: as many as the broker takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l ifaddr -d 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l prefix -d 'What Client Identifiers begin with [default: bench and a random number]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s n -l startnumber -d 'Number of the first client, in topics and Client Identifiers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s u -l username -d 'User Name of all clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s P -l password -d 'Password of all clients; others on this machine can see what is typed here, so prefer the variable' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s k -l keepalive -d 'Keep Alive, seconds; 0: none' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l duration -d 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s r -l retain -d 'Set RETAIN'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l baseline -d 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from pub" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s c -l count -d 'Subscribers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s t -l topic -d 'Topic Filter; %i stands for the client\'s number, %c for its Client Identifier, %u for its User Name' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s q -l qos -d 'QoS of messages and subscriptions' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s L -l limit -d 'Ends after so many messages of all clients together' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l host -d 'Brokers, which clients take in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s p -l port -d 'MQTT port of all of them' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l target -d 'Brokers with their ports, instead of --host and --port' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s V -l version -d 'MQTT version: 3 (3.1), 4 (3.1.1) or 5' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s R -l conn-rate -d 'Connections to open each second; 0: as many as the broker takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l ifaddr -d 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l prefix -d 'What Client Identifiers begin with [default: bench and a random number]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s n -l startnumber -d 'Number of the first client, in topics and Client Identifiers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s u -l username -d 'User Name of all clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s P -l password -d 'Password of all clients; others on this machine can see what is typed here, so prefer the variable' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s k -l keepalive -d 'Keep Alive, seconds; 0: none' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l duration -d 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l baseline -d 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from sub" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l shape -d 'Who sends to whom' -r -f -a "p2p\t'As many publishers as subscribers, each to its own'
fan-out\t'One publisher to all subscribers'
fan-in\t'All publishers to one subscriber'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s c -l count -d 'Pairs, subscribers of the one publisher, or publishers to the one subscriber' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s t -l topic -d 'What all topics begin with [default: the prefix of Client Identifiers]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s s -l size -d 'Bytes of each payload; the first 24 carry publisher, number and time' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s I -l interval-of-msg -d 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l rate -d 'Open loop: all publishers together send so many messages a second' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s F -l inflight -d 'Closed loop: each publisher keeps so many messages under way, whatever time that takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l warmup -d 'Load before anything is counted' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s q -l qos -d 'QoS of messages and subscriptions' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s L -l limit -d 'Ends after so many messages of all clients together' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l host -d 'Brokers, which clients take in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s p -l port -d 'MQTT port of all of them' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l target -d 'Brokers with their ports, instead of --host and --port' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s V -l version -d 'MQTT version: 3 (3.1), 4 (3.1.1) or 5' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s R -l conn-rate -d 'Connections to open each second; 0: as many as the broker takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l ifaddr -d 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l prefix -d 'What Client Identifiers begin with [default: bench and a random number]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s n -l startnumber -d 'Number of the first client, in topics and Client Identifiers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s u -l username -d 'User Name of all clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s P -l password -d 'Password of all clients; others on this machine can see what is typed here, so prefer the variable' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s k -l keepalive -d 'Keep Alive, seconds; 0: none' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l duration -d 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s r -l retain -d 'Set RETAIN'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l baseline -d 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from mix" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s c -l count -d 'Sessions; all begin at the first broker that is named, which is the one to be evacuated' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l offline -d 'Of these, sessions whose client comes back only when the evacuation is over' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l rate -d 'QoS 1 messages a second, to all sessions in turn, by way of the second broker' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s s -l size -d 'Bytes of each payload; the first 24 carry publisher, number and time' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l evacuate -d 'Start the evacuation of this node and end with it; otherwise somebody else has to' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l conn-evict-rate -d 'Close at most so many connections each second [default: 500]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l sess-evict-rate -d 'Move at most so many sessions without a client each second [default: 500]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l wait-health-check -d 'Wait so long for the load balancer before anybody is disconnected' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l wait-takeover -d 'Give disconnected clients so long to come back elsewhere' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l duration -d 'Ends after this time, when --evacuate does not end it before' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l host -d 'Brokers, which clients take in turn' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s p -l port -d 'MQTT port of all of them' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l target -d 'Brokers with their ports, instead of --host and --port' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s V -l version -d 'MQTT version: 3 (3.1), 4 (3.1.1) or 5' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s R -l conn-rate -d 'Connections to open each second; 0: as many as the broker takes' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l ifaddr -d 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l prefix -d 'What Client Identifiers begin with [default: bench and a random number]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s n -l startnumber -d 'Number of the first client, in topics and Client Identifiers' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s u -l username -d 'User Name of all clients' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s P -l password -d 'Password of all clients; others on this machine can see what is typed here, so prefer the variable' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s k -l keepalive -d 'Keep Alive, seconds; 0: none' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l server -d 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s o -l output -d 'Shape of the output' -r -f -a "table\t'For people'
wide\t'For people, with more columns'
json\t'One JSON document'
jsonl\t'One JSON document a line'
name\t'Only the names, one a line'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l color -d 'When to use colour: auto, always or never [default: auto]' -r -f -a "auto\t'On a terminal that can show it'
always\t'Always'
never\t'Never'"
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l timeout -d 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]' -r
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l quiet -d 'Nothing on standard error but errors'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l no-color -d 'Same as --color never (so does the variable NO_COLOR)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s y -l yes -d 'Answer every question with yes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l no-input -d 'Never ask; fail where a question would be asked'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -l no-header -d 'Tables without titles'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from evac" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "conn" -d 'Connect clients that do nothing'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "pub" -d 'Publish, at a pace or as fast as the broker takes it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "sub" -d 'Subscribe, and judge what `bench pub` sends'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "mix" -d 'Publish and subscribe, so that every message is accounted for'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "evac" -d 'See what the evacuation of a node does to sessions, their clients and their messages'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand bench; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "cluster" -d 'Look at the cluster, and at the nodes that agree in it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "status" -d 'One screen: nodes, balance, running operations (same as `cluster status`)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "rebalance" -d 'Move clients and sessions between nodes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "clients" -d 'Find, inspect and disconnect clients'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "sessions" -d 'Look into sessions, and take copies of them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "data" -d 'Take copies of settings and retained messages, and bring them in'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "listeners" -d 'See, add, change and remove listeners while the nodes run'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "node" -d 'Look after single nodes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "top" -d 'Watch the cluster on a full screen, live'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "demo" -d 'Start a cluster with live clients on this machine, and evacuate one of its nodes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "completion" -d 'Print a shell\'s completion script'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "generate" -d 'Write manual pages or completion scripts into a folder'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "version" -d 'Print the version of this tool'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "exit-codes" -d 'Print the exit codes'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "bench" -d 'Put load on a broker: connect, publish, subscribe, and see what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and not __fish_seen_subcommand_from cluster status rebalance clients sessions data listeners node top demo completion generate version exit-codes bench help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "status" -d 'One screen: nodes, balance, running operations, and who agrees on them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "leave" -d 'Have the node that --server names leave the control group, before it is taken away for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "remove" -d 'Remove a node from the control group, also one that is dead'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "join" -d 'Have a node join the control group of the others, forgetting the one it was in'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "recover" -d 'Go on without a majority of the voters that is lost for good'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from rebalance" -f -a "start" -d 'Start an evacuation: take one node out of service at a chosen pace'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from rebalance" -f -a "status" -d 'Show operations, or one of them'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from rebalance" -f -a "node-status" -d 'Show the operation that concerns a node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from rebalance" -f -a "watch" -d 'Follow an operation until nothing moves any more'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from rebalance" -f -a "stop" -d 'Stop an operation; the node serves again at once'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from clients" -f -a "list" -d 'List clients of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from clients" -f -a "show" -d 'Show one client with its subscriptions'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from clients" -f -a "kick" -d 'Disconnect clients; their sessions stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "list" -d 'List sessions of all nodes, sorted by Client Identifier'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "show" -d 'Show one session: where it is, its Subscriptions and their options, and what it holds'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from sessions" -f -a "export" -d 'Print whole sessions with their messages, one JSON document a line; they do not change'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "export" -d 'Write cluster-wide settings and retained messages into a file'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from data" -f -a "import" -d 'Bring settings and retained messages of a file in, all of them or none'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "list" -d 'List listeners of all nodes, with the problems that they have'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "show" -d 'Show all settings and figures of a listener'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "add" -d 'Open a listener; it is there again after a restart of the node'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "set" -d 'Change some settings of a listener; what is not given stays, and so do its connections'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "remove" -d 'Close a listener for good; its connections stay unless told otherwise'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "enable" -d 'Let a disabled listener accept connections again'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "disable" -d 'Let a listener accept no more connections; those that it has stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from listeners" -f -a "reload-certificates" -d 'Read certificate files again; new handshakes use them, connections stay'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from node" -f -a "gc" -d 'Have nodes give back memory that they do not need, and show what came of it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from generate" -f -a "man" -d 'Write one manual page per command'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from generate" -f -a "completions" -d 'Write the completion scripts of all shells'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from bench" -f -a "conn" -d 'Connect clients that do nothing'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from bench" -f -a "pub" -d 'Publish, at a pace or as fast as the broker takes it'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from bench" -f -a "sub" -d 'Subscribe, and judge what `bench pub` sends'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from bench" -f -a "mix" -d 'Publish and subscribe, so that every message is accounted for'
complete -c emqxctl -n "__fish_emqxctl_using_subcommand help; and __fish_seen_subcommand_from bench" -f -a "evac" -d 'See what the evacuation of a node does to sessions, their clients and their messages'
