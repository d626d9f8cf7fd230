
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'emqxctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'emqxctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'emqxctl' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('cluster', 'cluster', [CompletionResultType]::ParameterValue, 'Look at the cluster, and at the nodes that agree in it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'One screen: nodes, balance, running operations (same as `cluster status`)')
            [CompletionResult]::new('rebalance', 'rebalance', [CompletionResultType]::ParameterValue, 'Move clients and sessions between nodes')
            [CompletionResult]::new('clients', 'clients', [CompletionResultType]::ParameterValue, 'Find, inspect and disconnect clients')
            [CompletionResult]::new('client', 'client', [CompletionResultType]::ParameterValue, 'Find, inspect and disconnect clients')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'Look into sessions, and take copies of them')
            [CompletionResult]::new('session', 'session', [CompletionResultType]::ParameterValue, 'Look into sessions, and take copies of them')
            [CompletionResult]::new('data', 'data', [CompletionResultType]::ParameterValue, 'Take copies of settings and retained messages, and bring them in')
            [CompletionResult]::new('listeners', 'listeners', [CompletionResultType]::ParameterValue, 'See, add, change and remove listeners while the nodes run')
            [CompletionResult]::new('listener', 'listener', [CompletionResultType]::ParameterValue, 'See, add, change and remove listeners while the nodes run')
            [CompletionResult]::new('node', 'node', [CompletionResultType]::ParameterValue, 'Look after single nodes')
            [CompletionResult]::new('nodes', 'nodes', [CompletionResultType]::ParameterValue, 'Look after single nodes')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'Watch the cluster on a full screen, live')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Start a cluster with live clients on this machine, and evacuate one of its nodes')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Write manual pages or completion scripts into a folder')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version of this tool')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'Print the exit codes')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Put load on a broker: connect, publish, subscribe, and see what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;cluster' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'One screen: nodes, balance, running operations, and who agrees on them')
            [CompletionResult]::new('leave', 'leave', [CompletionResultType]::ParameterValue, 'Have the node that --server names leave the control group, before it is taken away for good')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a node from the control group, also one that is dead')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Have a node join the control group of the others, forgetting the one it was in')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'Go on without a majority of the voters that is lost for good')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;cluster;status' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;cluster;leave' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also when the node serves sessions')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;cluster;remove' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also when the node serves sessions')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;cluster;join' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;cluster;recover' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;cluster;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'One screen: nodes, balance, running operations, and who agrees on them')
            [CompletionResult]::new('leave', 'leave', [CompletionResultType]::ParameterValue, 'Have the node that --server names leave the control group, before it is taken away for good')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a node from the control group, also one that is dead')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Have a node join the control group of the others, forgetting the one it was in')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'Go on without a majority of the voters that is lost for good')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;cluster;help;status' {
            break
        }
        'emqxctl;cluster;help;leave' {
            break
        }
        'emqxctl;cluster;help;remove' {
            break
        }
        'emqxctl;cluster;help;join' {
            break
        }
        'emqxctl;cluster;help;recover' {
            break
        }
        'emqxctl;cluster;help;help' {
            break
        }
        'emqxctl;status' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start an evacuation: take one node out of service at a chosen pace')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show operations, or one of them')
            [CompletionResult]::new('node-status', 'node-status', [CompletionResultType]::ParameterValue, 'Show the operation that concerns a node')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Follow an operation until nothing moves any more')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop an operation; the node serves again at once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;rebalance;start' {
            [CompletionResult]::new('--evacuation', '--evacuation', [CompletionResultType]::ParameterName, 'Evacuate NODE; without a name the node that answers, after a question')
            [CompletionResult]::new('--wait-health-check', '--wait-health-check', [CompletionResultType]::ParameterName, 'Wait so long for the load balancer before anybody is disconnected; 0 = not at all [default: 60s]')
            [CompletionResult]::new('--conn-evict-rate', '--conn-evict-rate', [CompletionResultType]::ParameterName, 'Close at most so many connections each second [default: 500]')
            [CompletionResult]::new('--wait-takeover', '--wait-takeover', [CompletionResultType]::ParameterName, 'Give disconnected clients so long to come back elsewhere; 0 = none [default: 60s]')
            [CompletionResult]::new('--sess-evict-rate', '--sess-evict-rate', [CompletionResultType]::ParameterName, 'Move at most so many sessions without a client each second [default: 500]')
            [CompletionResult]::new('--redirect-to', '--redirect-to', [CompletionResultType]::ParameterName, 'Server Reference for MQTT 5 clients: auto, none, or "HOST:PORT ..." [default: auto]')
            [CompletionResult]::new('--migrate-to', '--migrate-to', [CompletionResultType]::ParameterName, 'Nodes that take the clients in [default: all others that serve]')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for whoever reads it later')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Return quietly when nothing moves any more')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Show how it goes until nothing moves any more (default on a terminal)')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Return as soon as it has started (default without a terminal)')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance;status' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance;node-status' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance;watch' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance;stop' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The operation that concerns this node')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;rebalance;help' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start an evacuation: take one node out of service at a chosen pace')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show operations, or one of them')
            [CompletionResult]::new('node-status', 'node-status', [CompletionResultType]::ParameterValue, 'Show the operation that concerns a node')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Follow an operation until nothing moves any more')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop an operation; the node serves again at once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;rebalance;help;start' {
            break
        }
        'emqxctl;rebalance;help;status' {
            break
        }
        'emqxctl;rebalance;help;node-status' {
            break
        }
        'emqxctl;rebalance;help;watch' {
            break
        }
        'emqxctl;rebalance;help;stop' {
            break
        }
        'emqxctl;rebalance;help;help' {
            break
        }
        'emqxctl;clients' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clients of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one client with its subscriptions')
            [CompletionResult]::new('kick', 'kick', [CompletionResultType]::ParameterValue, 'Disconnect clients; their sessions stay unless told otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;client' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clients of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one client with its subscriptions')
            [CompletionResult]::new('kick', 'kick', [CompletionResultType]::ParameterValue, 'Disconnect clients; their sessions stay unless told otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;clients;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only clients of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only connected ones')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only sessions without a connection')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'As many as there are')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;client;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only clients of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only connected ones')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only sessions without a connection')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'As many as there are')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;clients;show' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;client;show' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;clients;kick' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--discard-session', '--discard-session', [CompletionResultType]::ParameterName, 'End their sessions too: subscriptions and waiting messages are gone')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;client;kick' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--discard-session', '--discard-session', [CompletionResultType]::ParameterName, 'End their sessions too: subscriptions and waiting messages are gone')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;clients;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clients of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one client with its subscriptions')
            [CompletionResult]::new('kick', 'kick', [CompletionResultType]::ParameterValue, 'Disconnect clients; their sessions stay unless told otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;clients;help;list' {
            break
        }
        'emqxctl;clients;help;show' {
            break
        }
        'emqxctl;clients;help;kick' {
            break
        }
        'emqxctl;clients;help;help' {
            break
        }
        'emqxctl;client;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clients of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one client with its subscriptions')
            [CompletionResult]::new('kick', 'kick', [CompletionResultType]::ParameterValue, 'Disconnect clients; their sessions stay unless told otherwise')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;client;help;list' {
            break
        }
        'emqxctl;client;help;show' {
            break
        }
        'emqxctl;client;help;kick' {
            break
        }
        'emqxctl;client;help;help' {
            break
        }
        'emqxctl;sessions' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one session: where it is, its Subscriptions and their options, and what it holds')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print whole sessions with their messages, one JSON document a line; they do not change')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;session' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one session: where it is, its Subscriptions and their options, and what it holds')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print whole sessions with their messages, one JSON document a line; they do not change')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;sessions;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only sessions of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--glob', '--glob', [CompletionResultType]::ParameterName, 'Only Client Identifiers like this; * stands for any characters, ? for one')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only those with a connection')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only those without a connection')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'As many as there are')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;session;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only sessions of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--glob', '--glob', [CompletionResultType]::ParameterName, 'Only Client Identifiers like this; * stands for any characters, ? for one')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only those with a connection')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only those without a connection')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'As many as there are')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;sessions;show' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;session;show' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;sessions;export' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only sessions of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--glob', '--glob', [CompletionResultType]::ParameterName, 'Only Client Identifiers like this; * stands for any characters, ? for one')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only those with a connection')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only those without a connection')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;session;export' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only sessions of this node')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'Only Client Identifiers that begin so')
            [CompletionResult]::new('--glob', '--glob', [CompletionResultType]::ParameterName, 'Only Client Identifiers like this; * stands for any characters, ? for one')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--connected', '--connected', [CompletionResultType]::ParameterName, 'Only those with a connection')
            [CompletionResult]::new('--disconnected', '--disconnected', [CompletionResultType]::ParameterName, 'Only those without a connection')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;sessions;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one session: where it is, its Subscriptions and their options, and what it holds')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print whole sessions with their messages, one JSON document a line; they do not change')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;sessions;help;list' {
            break
        }
        'emqxctl;sessions;help;show' {
            break
        }
        'emqxctl;sessions;help;export' {
            break
        }
        'emqxctl;sessions;help;help' {
            break
        }
        'emqxctl;session;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one session: where it is, its Subscriptions and their options, and what it holds')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print whole sessions with their messages, one JSON document a line; they do not change')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;session;help;list' {
            break
        }
        'emqxctl;session;help;show' {
            break
        }
        'emqxctl;session;help;export' {
            break
        }
        'emqxctl;session;help;help' {
            break
        }
        'emqxctl;data' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write cluster-wide settings and retained messages into a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring settings and retained messages of a file in, all of them or none')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;data;export' {
            [CompletionResult]::new('--retained', '--retained', [CompletionResultType]::ParameterName, 'Only retained messages that match this Topic Filter')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;data;import' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only check it and tell what would change')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;data;help' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write cluster-wide settings and retained messages into a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring settings and retained messages of a file in, all of them or none')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;data;help;export' {
            break
        }
        'emqxctl;data;help;import' {
            break
        }
        'emqxctl;data;help;help' {
            break
        }
        'emqxctl;listeners' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List listeners of all nodes, with the problems that they have')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all settings and figures of a listener')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Open a listener; it is there again after a restart of the node')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change some settings of a listener; what is not given stays, and so do its connections')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Close a listener for good; its connections stay unless told otherwise')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let a disabled listener accept connections again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let a listener accept no more connections; those that it has stay')
            [CompletionResult]::new('reload-certificates', 'reload-certificates', [CompletionResultType]::ParameterValue, 'Read certificate files again; new handshakes use them, connections stay')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;listener' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List listeners of all nodes, with the problems that they have')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all settings and figures of a listener')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Open a listener; it is there again after a restart of the node')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change some settings of a listener; what is not given stays, and so do its connections')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Close a listener for good; its connections stay unless told otherwise')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let a disabled listener accept connections again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let a listener accept no more connections; those that it has stay')
            [CompletionResult]::new('reload-certificates', 'reload-certificates', [CompletionResultType]::ParameterValue, 'Read certificate files again; new handshakes use them, connections stay')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;listeners;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only listeners of this node')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;list' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only listeners of this node')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;show' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only that of this node [default: all nodes that have one of this name]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;show' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'Only that of this node [default: all nodes that have one of this name]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;add' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS')
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Most connections at once, 0 = only the node''s limit [default: 0]')
            [CompletionResult]::new('--maximum-packet-size', '--maximum-packet-size', [CompletionResultType]::ParameterName, 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--proxy-protocol-timeout', '--proxy-protocol-timeout', [CompletionResultType]::ParameterName, 'How long that header may take [default: 3s]')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]')
            [CompletionResult]::new('--certfile', '--certfile', [CompletionResultType]::ParameterName, 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]')
            [CompletionResult]::new('--keyfile', '--keyfile', [CompletionResultType]::ParameterName, 'Private key on the node, PEM')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has')
            [CompletionResult]::new('--cacertfile', '--cacertfile', [CompletionResultType]::ParameterName, 'Of tls and wss: who may sign client certificates, file on the node, PEM')
            [CompletionResult]::new('--client-certificate', '--client-certificate', [CompletionResultType]::ParameterName, 'Of tls and wss: whether clients show a certificate [default: none]')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--proxy-protocol', '--proxy-protocol', [CompletionResultType]::ParameterName, 'Every connection begins with a PROXY header, version 1 or 2')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Accept no connections until it is enabled')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;add' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS')
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Most connections at once, 0 = only the node''s limit [default: 0]')
            [CompletionResult]::new('--maximum-packet-size', '--maximum-packet-size', [CompletionResultType]::ParameterName, 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--proxy-protocol-timeout', '--proxy-protocol-timeout', [CompletionResultType]::ParameterName, 'How long that header may take [default: 3s]')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]')
            [CompletionResult]::new('--certfile', '--certfile', [CompletionResultType]::ParameterName, 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]')
            [CompletionResult]::new('--keyfile', '--keyfile', [CompletionResultType]::ParameterName, 'Private key on the node, PEM')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has')
            [CompletionResult]::new('--cacertfile', '--cacertfile', [CompletionResultType]::ParameterName, 'Of tls and wss: who may sign client certificates, file on the node, PEM')
            [CompletionResult]::new('--client-certificate', '--client-certificate', [CompletionResultType]::ParameterName, 'Of tls and wss: whether clients show a certificate [default: none]')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--proxy-protocol', '--proxy-protocol', [CompletionResultType]::ParameterName, 'Every connection begins with a PROXY header, version 1 or 2')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Accept no connections until it is enabled')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;set' {
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Most connections at once, 0 = only the node''s limit [default: 0]')
            [CompletionResult]::new('--maximum-packet-size', '--maximum-packet-size', [CompletionResultType]::ParameterName, 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--proxy-protocol-timeout', '--proxy-protocol-timeout', [CompletionResultType]::ParameterName, 'How long that header may take [default: 3s]')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]')
            [CompletionResult]::new('--certfile', '--certfile', [CompletionResultType]::ParameterName, 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]')
            [CompletionResult]::new('--keyfile', '--keyfile', [CompletionResultType]::ParameterName, 'Private key on the node, PEM')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has')
            [CompletionResult]::new('--cacertfile', '--cacertfile', [CompletionResultType]::ParameterName, 'Of tls and wss: who may sign client certificates, file on the node, PEM')
            [CompletionResult]::new('--client-certificate', '--client-certificate', [CompletionResultType]::ParameterName, 'Of tls and wss: whether clients show a certificate [default: none]')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--proxy-protocol', '--proxy-protocol', [CompletionResultType]::ParameterName, 'Every connection begins with a PROXY header, version 1 or 2')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Accept no connections until it is enabled')
            [CompletionResult]::new('--no-proxy-protocol', '--no-proxy-protocol', [CompletionResultType]::ParameterName, 'Connections begin without a PROXY header')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;set' {
            [CompletionResult]::new('--bind', '--bind', [CompletionResultType]::ParameterName, 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Most connections at once, 0 = only the node''s limit [default: 0]')
            [CompletionResult]::new('--maximum-packet-size', '--maximum-packet-size', [CompletionResultType]::ParameterName, 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]')
            [CompletionResult]::new('--proxy-protocol-timeout', '--proxy-protocol-timeout', [CompletionResultType]::ParameterName, 'How long that header may take [default: 3s]')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]')
            [CompletionResult]::new('--certfile', '--certfile', [CompletionResultType]::ParameterName, 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]')
            [CompletionResult]::new('--keyfile', '--keyfile', [CompletionResultType]::ParameterName, 'Private key on the node, PEM')
            [CompletionResult]::new('--sni', '--sni', [CompletionResultType]::ParameterName, 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has')
            [CompletionResult]::new('--cacertfile', '--cacertfile', [CompletionResultType]::ParameterName, 'Of tls and wss: who may sign client certificates, file on the node, PEM')
            [CompletionResult]::new('--client-certificate', '--client-certificate', [CompletionResultType]::ParameterName, 'Of tls and wss: whether clients show a certificate [default: none]')
            [CompletionResult]::new('--handshake-timeout', '--handshake-timeout', [CompletionResultType]::ParameterName, 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]')
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--proxy-protocol', '--proxy-protocol', [CompletionResultType]::ParameterName, 'Every connection begins with a PROXY header, version 1 or 2')
            [CompletionResult]::new('--disabled', '--disabled', [CompletionResultType]::ParameterName, 'Accept no connections until it is enabled')
            [CompletionResult]::new('--no-proxy-protocol', '--no-proxy-protocol', [CompletionResultType]::ParameterName, 'Connections begin without a PROXY header')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;remove' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--disconnect', '--disconnect', [CompletionResultType]::ParameterName, 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;remove' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--disconnect', '--disconnect', [CompletionResultType]::ParameterName, 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;enable' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;enable' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;disable' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;disable' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;reload-certificates' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listener;reload-certificates' {
            [CompletionResult]::new('--node', '--node', [CompletionResultType]::ParameterName, 'The node to change [default: the one that --server names; needed when it names several]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;listeners;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List listeners of all nodes, with the problems that they have')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all settings and figures of a listener')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Open a listener; it is there again after a restart of the node')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change some settings of a listener; what is not given stays, and so do its connections')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Close a listener for good; its connections stay unless told otherwise')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let a disabled listener accept connections again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let a listener accept no more connections; those that it has stay')
            [CompletionResult]::new('reload-certificates', 'reload-certificates', [CompletionResultType]::ParameterValue, 'Read certificate files again; new handshakes use them, connections stay')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;listeners;help;list' {
            break
        }
        'emqxctl;listeners;help;show' {
            break
        }
        'emqxctl;listeners;help;add' {
            break
        }
        'emqxctl;listeners;help;set' {
            break
        }
        'emqxctl;listeners;help;remove' {
            break
        }
        'emqxctl;listeners;help;enable' {
            break
        }
        'emqxctl;listeners;help;disable' {
            break
        }
        'emqxctl;listeners;help;reload-certificates' {
            break
        }
        'emqxctl;listeners;help;help' {
            break
        }
        'emqxctl;listener;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List listeners of all nodes, with the problems that they have')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all settings and figures of a listener')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Open a listener; it is there again after a restart of the node')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change some settings of a listener; what is not given stays, and so do its connections')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Close a listener for good; its connections stay unless told otherwise')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let a disabled listener accept connections again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let a listener accept no more connections; those that it has stay')
            [CompletionResult]::new('reload-certificates', 'reload-certificates', [CompletionResultType]::ParameterValue, 'Read certificate files again; new handshakes use them, connections stay')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;listener;help;list' {
            break
        }
        'emqxctl;listener;help;show' {
            break
        }
        'emqxctl;listener;help;add' {
            break
        }
        'emqxctl;listener;help;set' {
            break
        }
        'emqxctl;listener;help;remove' {
            break
        }
        'emqxctl;listener;help;enable' {
            break
        }
        'emqxctl;listener;help;disable' {
            break
        }
        'emqxctl;listener;help;reload-certificates' {
            break
        }
        'emqxctl;listener;help;help' {
            break
        }
        'emqxctl;node' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Have nodes give back memory that they do not need, and show what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;nodes' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Have nodes give back memory that they do not need, and show what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;node;gc' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All nodes of the cluster, also those that do not answer')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;nodes;gc' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All nodes of the cluster, also those that do not answer')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;node;help' {
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Have nodes give back memory that they do not need, and show what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;node;help;gc' {
            break
        }
        'emqxctl;node;help;help' {
            break
        }
        'emqxctl;nodes;help' {
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Have nodes give back memory that they do not need, and show what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;nodes;help;gc' {
            break
        }
        'emqxctl;nodes;help;help' {
            break
        }
        'emqxctl;top' {
            [CompletionResult]::new('--screen', '--screen', [CompletionResultType]::ParameterName, 'What is shown first')
            [CompletionResult]::new('--interval', '--interval', [CompletionResultType]::ParameterName, 'Between two states, 100ms to 60s')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--readonly', '--readonly', [CompletionResultType]::ParameterName, 'Offer nothing that changes the cluster')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;demo' {
            [CompletionResult]::new('--clients', '--clients', [CompletionResultType]::ParameterName, 'Clients with a session on the node that is evacuated; a third of them are offline by then')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Connections, and then sessions, to move each second')
            [CompletionResult]::new('--nodes', '--nodes', [CompletionResultType]::ParameterName, 'Nodes of the cluster')
            [CompletionResult]::new('--publish-rate', '--publish-rate', [CompletionResultType]::ParameterName, 'QoS 1 messages to publish each second, to all clients in turn')
            [CompletionResult]::new('--wait-health-check', '--wait-health-check', [CompletionResultType]::ParameterName, 'Time for a load balancer to notice, before the first connection is cut')
            [CompletionResult]::new('--wait-takeover', '--wait-takeover', [CompletionResultType]::ParameterName, 'Time for clients to come back, before sessions without a client are moved')
            [CompletionResult]::new('--emqxd', '--emqxd', [CompletionResultType]::ParameterName, 'The daemon''s program [default: the one beside this program; built first under `cargo run`]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Leave the cluster running and print how to reach it')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;completion' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;generate' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write one manual page per command')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write the completion scripts of all shells')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;generate;man' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;generate;completions' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;generate;help' {
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write one manual page per command')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write the completion scripts of all shells')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;generate;help;man' {
            break
        }
        'emqxctl;generate;help;completions' {
            break
        }
        'emqxctl;generate;help;help' {
            break
        }
        'emqxctl;version' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;exit-codes' {
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench' {
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('conn', 'conn', [CompletionResultType]::ParameterValue, 'Connect clients that do nothing')
            [CompletionResult]::new('pub', 'pub', [CompletionResultType]::ParameterValue, 'Publish, at a pace or as fast as the broker takes it')
            [CompletionResult]::new('sub', 'sub', [CompletionResultType]::ParameterValue, 'Subscribe, and judge what `bench pub` sends')
            [CompletionResult]::new('mix', 'mix', [CompletionResultType]::ParameterValue, 'Publish and subscribe, so that every message is accounted for')
            [CompletionResult]::new('evac', 'evac', [CompletionResultType]::ParameterValue, 'See what the evacuation of a node does to sessions, their clients and their messages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;bench;conn' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Clients')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Clients')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Brokers, which clients take in turn')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Brokers with their ports, instead of --host and --port')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--conn-rate', '--conn-rate', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--ifaddr', '--ifaddr', [CompletionResultType]::ParameterName, 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What Client Identifiers begin with [default: bench and a random number]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('--startnumber', '--startnumber', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench;pub' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Publishers')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Publishers')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Topic Name; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic Name; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]')
            [CompletionResult]::new('--interval-of-msg', '--interval-of-msg', [CompletionResultType]::ParameterName, 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Open loop: all publishers together send so many messages a second')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Closed loop: each publisher keeps so many messages under way, whatever time that takes')
            [CompletionResult]::new('--inflight', '--inflight', [CompletionResultType]::ParameterName, 'Closed loop: each publisher keeps so many messages under way, whatever time that takes')
            [CompletionResult]::new('--warmup', '--warmup', [CompletionResultType]::ParameterName, 'Load before anything is counted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('--qos', '--qos', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Brokers, which clients take in turn')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Brokers with their ports, instead of --host and --port')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--conn-rate', '--conn-rate', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--ifaddr', '--ifaddr', [CompletionResultType]::ParameterName, 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What Client Identifiers begin with [default: bench and a random number]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('--startnumber', '--startnumber', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Set RETAIN')
            [CompletionResult]::new('--retain', '--retain', [CompletionResultType]::ParameterName, 'Set RETAIN')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench;sub' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Subscribers')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Subscribers')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Topic Filter; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic Filter; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('--qos', '--qos', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Brokers, which clients take in turn')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Brokers with their ports, instead of --host and --port')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--conn-rate', '--conn-rate', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--ifaddr', '--ifaddr', [CompletionResultType]::ParameterName, 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What Client Identifiers begin with [default: bench and a random number]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('--startnumber', '--startnumber', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench;mix' {
            [CompletionResult]::new('--shape', '--shape', [CompletionResultType]::ParameterName, 'Who sends to whom')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Pairs, subscribers of the one publisher, or publishers to the one subscriber')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Pairs, subscribers of the one publisher, or publishers to the one subscriber')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'What all topics begin with [default: the prefix of Client Identifiers]')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'What all topics begin with [default: the prefix of Client Identifiers]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]')
            [CompletionResult]::new('--interval-of-msg', '--interval-of-msg', [CompletionResultType]::ParameterName, 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Open loop: all publishers together send so many messages a second')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Closed loop: each publisher keeps so many messages under way, whatever time that takes')
            [CompletionResult]::new('--inflight', '--inflight', [CompletionResultType]::ParameterName, 'Closed loop: each publisher keeps so many messages under way, whatever time that takes')
            [CompletionResult]::new('--warmup', '--warmup', [CompletionResultType]::ParameterName, 'Load before anything is counted')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('--qos', '--qos', [CompletionResultType]::ParameterName, 'QoS of messages and subscriptions')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Ends after so many messages of all clients together')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Brokers, which clients take in turn')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Brokers with their ports, instead of --host and --port')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--conn-rate', '--conn-rate', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--ifaddr', '--ifaddr', [CompletionResultType]::ParameterName, 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What Client Identifiers begin with [default: bench and a random number]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('--startnumber', '--startnumber', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Set RETAIN')
            [CompletionResult]::new('--retain', '--retain', [CompletionResultType]::ParameterName, 'Set RETAIN')
            [CompletionResult]::new('--baseline', '--baseline', [CompletionResultType]::ParameterName, 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench;evac' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Sessions; all begin at the first broker that is named, which is the one to be evacuated')
            [CompletionResult]::new('--count', '--count', [CompletionResultType]::ParameterName, 'Sessions; all begin at the first broker that is named, which is the one to be evacuated')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Of these, sessions whose client comes back only when the evacuation is over')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'QoS 1 messages a second, to all sessions in turn, by way of the second broker')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('--size', '--size', [CompletionResultType]::ParameterName, 'Bytes of each payload; the first 24 carry publisher, number and time')
            [CompletionResult]::new('--evacuate', '--evacuate', [CompletionResultType]::ParameterName, 'Start the evacuation of this node and end with it; otherwise somebody else has to')
            [CompletionResult]::new('--conn-evict-rate', '--conn-evict-rate', [CompletionResultType]::ParameterName, 'Close at most so many connections each second [default: 500]')
            [CompletionResult]::new('--sess-evict-rate', '--sess-evict-rate', [CompletionResultType]::ParameterName, 'Move at most so many sessions without a client each second [default: 500]')
            [CompletionResult]::new('--wait-health-check', '--wait-health-check', [CompletionResultType]::ParameterName, 'Wait so long for the load balancer before anybody is disconnected')
            [CompletionResult]::new('--wait-takeover', '--wait-takeover', [CompletionResultType]::ParameterName, 'Give disconnected clients so long to come back elsewhere')
            [CompletionResult]::new('--duration', '--duration', [CompletionResultType]::ParameterName, 'Ends after this time, when --evacuate does not end it before')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Brokers, which clients take in turn')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'MQTT port of all of them')
            [CompletionResult]::new('--target', '--target', [CompletionResultType]::ParameterName, 'Brokers with their ports, instead of --host and --port')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'MQTT version: 3 (3.1), 4 (3.1.1) or 5')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--conn-rate', '--conn-rate', [CompletionResultType]::ParameterName, 'Connections to open each second; 0: as many as the broker takes')
            [CompletionResult]::new('--ifaddr', '--ifaddr', [CompletionResultType]::ParameterName, 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What Client Identifiers begin with [default: bench and a random number]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('--startnumber', '--startnumber', [CompletionResultType]::ParameterName, 'Number of the first client, in topics and Client Identifiers')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'User Name of all clients')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('--password', '--password', [CompletionResultType]::ParameterName, 'Password of all clients; others on this machine can see what is typed here, so prefer the variable')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Keep Alive, seconds; 0: none')
            [CompletionResult]::new('--server', '--server', [CompletionResultType]::ParameterName, 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Shape of the output')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour: auto, always or never [default: auto]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Nothing on standard error but errors')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'Same as --color never (so does the variable NO_COLOR)')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every question with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where a question would be asked')
            [CompletionResult]::new('--no-header', '--no-header', [CompletionResultType]::ParameterName, 'Tables without titles')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'emqxctl;bench;help' {
            [CompletionResult]::new('conn', 'conn', [CompletionResultType]::ParameterValue, 'Connect clients that do nothing')
            [CompletionResult]::new('pub', 'pub', [CompletionResultType]::ParameterValue, 'Publish, at a pace or as fast as the broker takes it')
            [CompletionResult]::new('sub', 'sub', [CompletionResultType]::ParameterValue, 'Subscribe, and judge what `bench pub` sends')
            [CompletionResult]::new('mix', 'mix', [CompletionResultType]::ParameterValue, 'Publish and subscribe, so that every message is accounted for')
            [CompletionResult]::new('evac', 'evac', [CompletionResultType]::ParameterValue, 'See what the evacuation of a node does to sessions, their clients and their messages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;bench;help;conn' {
            break
        }
        'emqxctl;bench;help;pub' {
            break
        }
        'emqxctl;bench;help;sub' {
            break
        }
        'emqxctl;bench;help;mix' {
            break
        }
        'emqxctl;bench;help;evac' {
            break
        }
        'emqxctl;bench;help;help' {
            break
        }
        'emqxctl;help' {
            [CompletionResult]::new('cluster', 'cluster', [CompletionResultType]::ParameterValue, 'Look at the cluster, and at the nodes that agree in it')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'One screen: nodes, balance, running operations (same as `cluster status`)')
            [CompletionResult]::new('rebalance', 'rebalance', [CompletionResultType]::ParameterValue, 'Move clients and sessions between nodes')
            [CompletionResult]::new('clients', 'clients', [CompletionResultType]::ParameterValue, 'Find, inspect and disconnect clients')
            [CompletionResult]::new('sessions', 'sessions', [CompletionResultType]::ParameterValue, 'Look into sessions, and take copies of them')
            [CompletionResult]::new('data', 'data', [CompletionResultType]::ParameterValue, 'Take copies of settings and retained messages, and bring them in')
            [CompletionResult]::new('listeners', 'listeners', [CompletionResultType]::ParameterValue, 'See, add, change and remove listeners while the nodes run')
            [CompletionResult]::new('node', 'node', [CompletionResultType]::ParameterValue, 'Look after single nodes')
            [CompletionResult]::new('top', 'top', [CompletionResultType]::ParameterValue, 'Watch the cluster on a full screen, live')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Start a cluster with live clients on this machine, and evacuate one of its nodes')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a shell''s completion script')
            [CompletionResult]::new('generate', 'generate', [CompletionResultType]::ParameterValue, 'Write manual pages or completion scripts into a folder')
            [CompletionResult]::new('version', 'version', [CompletionResultType]::ParameterValue, 'Print the version of this tool')
            [CompletionResult]::new('exit-codes', 'exit-codes', [CompletionResultType]::ParameterValue, 'Print the exit codes')
            [CompletionResult]::new('bench', 'bench', [CompletionResultType]::ParameterValue, 'Put load on a broker: connect, publish, subscribe, and see what came of it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'emqxctl;help;cluster' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'One screen: nodes, balance, running operations, and who agrees on them')
            [CompletionResult]::new('leave', 'leave', [CompletionResultType]::ParameterValue, 'Have the node that --server names leave the control group, before it is taken away for good')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove a node from the control group, also one that is dead')
            [CompletionResult]::new('join', 'join', [CompletionResultType]::ParameterValue, 'Have a node join the control group of the others, forgetting the one it was in')
            [CompletionResult]::new('recover', 'recover', [CompletionResultType]::ParameterValue, 'Go on without a majority of the voters that is lost for good')
            break
        }
        'emqxctl;help;cluster;status' {
            break
        }
        'emqxctl;help;cluster;leave' {
            break
        }
        'emqxctl;help;cluster;remove' {
            break
        }
        'emqxctl;help;cluster;join' {
            break
        }
        'emqxctl;help;cluster;recover' {
            break
        }
        'emqxctl;help;status' {
            break
        }
        'emqxctl;help;rebalance' {
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start an evacuation: take one node out of service at a chosen pace')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show operations, or one of them')
            [CompletionResult]::new('node-status', 'node-status', [CompletionResultType]::ParameterValue, 'Show the operation that concerns a node')
            [CompletionResult]::new('watch', 'watch', [CompletionResultType]::ParameterValue, 'Follow an operation until nothing moves any more')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop an operation; the node serves again at once')
            break
        }
        'emqxctl;help;rebalance;start' {
            break
        }
        'emqxctl;help;rebalance;status' {
            break
        }
        'emqxctl;help;rebalance;node-status' {
            break
        }
        'emqxctl;help;rebalance;watch' {
            break
        }
        'emqxctl;help;rebalance;stop' {
            break
        }
        'emqxctl;help;clients' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clients of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one client with its subscriptions')
            [CompletionResult]::new('kick', 'kick', [CompletionResultType]::ParameterValue, 'Disconnect clients; their sessions stay unless told otherwise')
            break
        }
        'emqxctl;help;clients;list' {
            break
        }
        'emqxctl;help;clients;show' {
            break
        }
        'emqxctl;help;clients;kick' {
            break
        }
        'emqxctl;help;sessions' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sessions of all nodes, sorted by Client Identifier')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one session: where it is, its Subscriptions and their options, and what it holds')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print whole sessions with their messages, one JSON document a line; they do not change')
            break
        }
        'emqxctl;help;sessions;list' {
            break
        }
        'emqxctl;help;sessions;show' {
            break
        }
        'emqxctl;help;sessions;export' {
            break
        }
        'emqxctl;help;data' {
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write cluster-wide settings and retained messages into a file')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Bring settings and retained messages of a file in, all of them or none')
            break
        }
        'emqxctl;help;data;export' {
            break
        }
        'emqxctl;help;data;import' {
            break
        }
        'emqxctl;help;listeners' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List listeners of all nodes, with the problems that they have')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show all settings and figures of a listener')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Open a listener; it is there again after a restart of the node')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change some settings of a listener; what is not given stays, and so do its connections')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Close a listener for good; its connections stay unless told otherwise')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Let a disabled listener accept connections again')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Let a listener accept no more connections; those that it has stay')
            [CompletionResult]::new('reload-certificates', 'reload-certificates', [CompletionResultType]::ParameterValue, 'Read certificate files again; new handshakes use them, connections stay')
            break
        }
        'emqxctl;help;listeners;list' {
            break
        }
        'emqxctl;help;listeners;show' {
            break
        }
        'emqxctl;help;listeners;add' {
            break
        }
        'emqxctl;help;listeners;set' {
            break
        }
        'emqxctl;help;listeners;remove' {
            break
        }
        'emqxctl;help;listeners;enable' {
            break
        }
        'emqxctl;help;listeners;disable' {
            break
        }
        'emqxctl;help;listeners;reload-certificates' {
            break
        }
        'emqxctl;help;node' {
            [CompletionResult]::new('gc', 'gc', [CompletionResultType]::ParameterValue, 'Have nodes give back memory that they do not need, and show what came of it')
            break
        }
        'emqxctl;help;node;gc' {
            break
        }
        'emqxctl;help;top' {
            break
        }
        'emqxctl;help;demo' {
            break
        }
        'emqxctl;help;completion' {
            break
        }
        'emqxctl;help;generate' {
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write one manual page per command')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Write the completion scripts of all shells')
            break
        }
        'emqxctl;help;generate;man' {
            break
        }
        'emqxctl;help;generate;completions' {
            break
        }
        'emqxctl;help;version' {
            break
        }
        'emqxctl;help;exit-codes' {
            break
        }
        'emqxctl;help;bench' {
            [CompletionResult]::new('conn', 'conn', [CompletionResultType]::ParameterValue, 'Connect clients that do nothing')
            [CompletionResult]::new('pub', 'pub', [CompletionResultType]::ParameterValue, 'Publish, at a pace or as fast as the broker takes it')
            [CompletionResult]::new('sub', 'sub', [CompletionResultType]::ParameterValue, 'Subscribe, and judge what `bench pub` sends')
            [CompletionResult]::new('mix', 'mix', [CompletionResultType]::ParameterValue, 'Publish and subscribe, so that every message is accounted for')
            [CompletionResult]::new('evac', 'evac', [CompletionResultType]::ParameterValue, 'See what the evacuation of a node does to sessions, their clients and their messages')
            break
        }
        'emqxctl;help;bench;conn' {
            break
        }
        'emqxctl;help;bench;pub' {
            break
        }
        'emqxctl;help;bench;sub' {
            break
        }
        'emqxctl;help;bench;mix' {
            break
        }
        'emqxctl;help;bench;evac' {
            break
        }
        'emqxctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
