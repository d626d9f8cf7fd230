
use builtin;
use str;

set edit:completion:arg-completer[emqxctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'emqxctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'emqxctl'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand cluster 'Look at the cluster, and at the nodes that agree in it'
            cand status 'One screen: nodes, balance, running operations (same as `cluster status`)'
            cand rebalance 'Move clients and sessions between nodes'
            cand clients 'Find, inspect and disconnect clients'
            cand client 'Find, inspect and disconnect clients'
            cand sessions 'Look into sessions, and take copies of them'
            cand session 'Look into sessions, and take copies of them'
            cand data 'Take copies of settings and retained messages, and bring them in'
            cand listeners 'See, add, change and remove listeners while the nodes run'
            cand listener 'See, add, change and remove listeners while the nodes run'
            cand node 'Look after single nodes'
            cand nodes 'Look after single nodes'
            cand top 'Watch the cluster on a full screen, live'
            cand demo 'Start a cluster with live clients on this machine, and evacuate one of its nodes'
            cand completion 'Print a shell''s completion script'
            cand generate 'Write manual pages or completion scripts into a folder'
            cand version 'Print the version of this tool'
            cand exit-codes 'Print the exit codes'
            cand bench 'Put load on a broker: connect, publish, subscribe, and see what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;cluster'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand status 'One screen: nodes, balance, running operations, and who agrees on them'
            cand leave 'Have the node that --server names leave the control group, before it is taken away for good'
            cand remove 'Remove a node from the control group, also one that is dead'
            cand join 'Have a node join the control group of the others, forgetting the one it was in'
            cand recover 'Go on without a majority of the voters that is lost for good'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;cluster;status'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;cluster;leave'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --force 'Also when the node serves sessions'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;cluster;remove'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --force 'Also when the node serves sessions'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;cluster;join'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;cluster;recover'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;cluster;help'= {
            cand status 'One screen: nodes, balance, running operations, and who agrees on them'
            cand leave 'Have the node that --server names leave the control group, before it is taken away for good'
            cand remove 'Remove a node from the control group, also one that is dead'
            cand join 'Have a node join the control group of the others, forgetting the one it was in'
            cand recover 'Go on without a majority of the voters that is lost for good'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;cluster;help;status'= {
        }
        &'emqxctl;cluster;help;leave'= {
        }
        &'emqxctl;cluster;help;remove'= {
        }
        &'emqxctl;cluster;help;join'= {
        }
        &'emqxctl;cluster;help;recover'= {
        }
        &'emqxctl;cluster;help;help'= {
        }
        &'emqxctl;status'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand start 'Start an evacuation: take one node out of service at a chosen pace'
            cand status 'Show operations, or one of them'
            cand node-status 'Show the operation that concerns a node'
            cand watch 'Follow an operation until nothing moves any more'
            cand stop 'Stop an operation; the node serves again at once'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;rebalance;start'= {
            cand --evacuation 'Evacuate NODE; without a name the node that answers, after a question'
            cand --wait-health-check 'Wait so long for the load balancer before anybody is disconnected; 0 = not at all [default: 60s]'
            cand --conn-evict-rate 'Close at most so many connections each second [default: 500]'
            cand --wait-takeover 'Give disconnected clients so long to come back elsewhere; 0 = none [default: 60s]'
            cand --sess-evict-rate 'Move at most so many sessions without a client each second [default: 500]'
            cand --redirect-to 'Server Reference for MQTT 5 clients: auto, none, or "HOST:PORT ..." [default: auto]'
            cand --migrate-to 'Nodes that take the clients in [default: all others that serve]'
            cand --reason 'Why, for whoever reads it later'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --wait 'Return quietly when nothing moves any more'
            cand --watch 'Show how it goes until nothing moves any more (default on a terminal)'
            cand --detach 'Return as soon as it has started (default without a terminal)'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance;status'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance;node-status'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance;watch'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance;stop'= {
            cand --node 'The operation that concerns this node'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;rebalance;help'= {
            cand start 'Start an evacuation: take one node out of service at a chosen pace'
            cand status 'Show operations, or one of them'
            cand node-status 'Show the operation that concerns a node'
            cand watch 'Follow an operation until nothing moves any more'
            cand stop 'Stop an operation; the node serves again at once'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;rebalance;help;start'= {
        }
        &'emqxctl;rebalance;help;status'= {
        }
        &'emqxctl;rebalance;help;node-status'= {
        }
        &'emqxctl;rebalance;help;watch'= {
        }
        &'emqxctl;rebalance;help;stop'= {
        }
        &'emqxctl;rebalance;help;help'= {
        }
        &'emqxctl;clients'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List clients of all nodes, sorted by Client Identifier'
            cand show 'Show one client with its subscriptions'
            cand kick 'Disconnect clients; their sessions stay unless told otherwise'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;client'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List clients of all nodes, sorted by Client Identifier'
            cand show 'Show one client with its subscriptions'
            cand kick 'Disconnect clients; their sessions stay unless told otherwise'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;clients;list'= {
            cand --node 'Only clients of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --limit 'At most so many'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only connected ones'
            cand --disconnected 'Only sessions without a connection'
            cand --all 'As many as there are'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;client;list'= {
            cand --node 'Only clients of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --limit 'At most so many'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only connected ones'
            cand --disconnected 'Only sessions without a connection'
            cand --all 'As many as there are'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;clients;show'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;client;show'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;clients;kick'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --discard-session 'End their sessions too: subscriptions and waiting messages are gone'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;client;kick'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --discard-session 'End their sessions too: subscriptions and waiting messages are gone'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;clients;help'= {
            cand list 'List clients of all nodes, sorted by Client Identifier'
            cand show 'Show one client with its subscriptions'
            cand kick 'Disconnect clients; their sessions stay unless told otherwise'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;clients;help;list'= {
        }
        &'emqxctl;clients;help;show'= {
        }
        &'emqxctl;clients;help;kick'= {
        }
        &'emqxctl;clients;help;help'= {
        }
        &'emqxctl;client;help'= {
            cand list 'List clients of all nodes, sorted by Client Identifier'
            cand show 'Show one client with its subscriptions'
            cand kick 'Disconnect clients; their sessions stay unless told otherwise'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;client;help;list'= {
        }
        &'emqxctl;client;help;show'= {
        }
        &'emqxctl;client;help;kick'= {
        }
        &'emqxctl;client;help;help'= {
        }
        &'emqxctl;sessions'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List sessions of all nodes, sorted by Client Identifier'
            cand show 'Show one session: where it is, its Subscriptions and their options, and what it holds'
            cand export 'Print whole sessions with their messages, one JSON document a line; they do not change'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;session'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List sessions of all nodes, sorted by Client Identifier'
            cand show 'Show one session: where it is, its Subscriptions and their options, and what it holds'
            cand export 'Print whole sessions with their messages, one JSON document a line; they do not change'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;sessions;list'= {
            cand --node 'Only sessions of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --glob 'Only Client Identifiers like this; * stands for any characters, ? for one'
            cand --limit 'At most so many'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only those with a connection'
            cand --disconnected 'Only those without a connection'
            cand --all 'As many as there are'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;session;list'= {
            cand --node 'Only sessions of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --glob 'Only Client Identifiers like this; * stands for any characters, ? for one'
            cand --limit 'At most so many'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only those with a connection'
            cand --disconnected 'Only those without a connection'
            cand --all 'As many as there are'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;sessions;show'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;session;show'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;sessions;export'= {
            cand --node 'Only sessions of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --glob 'Only Client Identifiers like this; * stands for any characters, ? for one'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only those with a connection'
            cand --disconnected 'Only those without a connection'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;session;export'= {
            cand --node 'Only sessions of this node'
            cand --prefix 'Only Client Identifiers that begin so'
            cand --glob 'Only Client Identifiers like this; * stands for any characters, ? for one'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --connected 'Only those with a connection'
            cand --disconnected 'Only those without a connection'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;sessions;help'= {
            cand list 'List sessions of all nodes, sorted by Client Identifier'
            cand show 'Show one session: where it is, its Subscriptions and their options, and what it holds'
            cand export 'Print whole sessions with their messages, one JSON document a line; they do not change'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;sessions;help;list'= {
        }
        &'emqxctl;sessions;help;show'= {
        }
        &'emqxctl;sessions;help;export'= {
        }
        &'emqxctl;sessions;help;help'= {
        }
        &'emqxctl;session;help'= {
            cand list 'List sessions of all nodes, sorted by Client Identifier'
            cand show 'Show one session: where it is, its Subscriptions and their options, and what it holds'
            cand export 'Print whole sessions with their messages, one JSON document a line; they do not change'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;session;help;list'= {
        }
        &'emqxctl;session;help;show'= {
        }
        &'emqxctl;session;help;export'= {
        }
        &'emqxctl;session;help;help'= {
        }
        &'emqxctl;data'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand export 'Write cluster-wide settings and retained messages into a file'
            cand import 'Bring settings and retained messages of a file in, all of them or none'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;data;export'= {
            cand --retained 'Only retained messages that match this Topic Filter'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;data;import'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --dry-run 'Only check it and tell what would change'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;data;help'= {
            cand export 'Write cluster-wide settings and retained messages into a file'
            cand import 'Bring settings and retained messages of a file in, all of them or none'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;data;help;export'= {
        }
        &'emqxctl;data;help;import'= {
        }
        &'emqxctl;data;help;help'= {
        }
        &'emqxctl;listeners'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List listeners of all nodes, with the problems that they have'
            cand show 'Show all settings and figures of a listener'
            cand add 'Open a listener; it is there again after a restart of the node'
            cand set 'Change some settings of a listener; what is not given stays, and so do its connections'
            cand remove 'Close a listener for good; its connections stay unless told otherwise'
            cand enable 'Let a disabled listener accept connections again'
            cand disable 'Let a listener accept no more connections; those that it has stay'
            cand reload-certificates 'Read certificate files again; new handshakes use them, connections stay'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;listener'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List listeners of all nodes, with the problems that they have'
            cand show 'Show all settings and figures of a listener'
            cand add 'Open a listener; it is there again after a restart of the node'
            cand set 'Change some settings of a listener; what is not given stays, and so do its connections'
            cand remove 'Close a listener for good; its connections stay unless told otherwise'
            cand enable 'Let a disabled listener accept connections again'
            cand disable 'Let a listener accept no more connections; those that it has stay'
            cand reload-certificates 'Read certificate files again; new handshakes use them, connections stay'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;listeners;list'= {
            cand --node 'Only listeners of this node'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;list'= {
            cand --node 'Only listeners of this node'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;show'= {
            cand --node 'Only that of this node [default: all nodes that have one of this name]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;show'= {
            cand --node 'Only that of this node [default: all nodes that have one of this name]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;add'= {
            cand --type 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS'
            cand --bind 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)'
            cand --max-connections 'Most connections at once, 0 = only the node''s limit [default: 0]'
            cand --maximum-packet-size 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]'
            cand --connect-timeout 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]'
            cand --proxy-protocol-timeout 'How long that header may take [default: 3s]'
            cand --path 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]'
            cand --certfile 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]'
            cand --keyfile 'Private key on the node, PEM'
            cand --sni 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has'
            cand --cacertfile 'Of tls and wss: who may sign client certificates, file on the node, PEM'
            cand --client-certificate 'Of tls and wss: whether clients show a certificate [default: none]'
            cand --handshake-timeout 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]'
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --proxy-protocol 'Every connection begins with a PROXY header, version 1 or 2'
            cand --disabled 'Accept no connections until it is enabled'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;add'= {
            cand --type 'MQTT over TCP, TLS, WebSocket, or WebSocket over TLS'
            cand --bind 'Where to listen: an IP address of the node, or a Unix socket (tcp and ws only)'
            cand --max-connections 'Most connections at once, 0 = only the node''s limit [default: 0]'
            cand --maximum-packet-size 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]'
            cand --connect-timeout 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]'
            cand --proxy-protocol-timeout 'How long that header may take [default: 3s]'
            cand --path 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]'
            cand --certfile 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]'
            cand --keyfile 'Private key on the node, PEM'
            cand --sni 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has'
            cand --cacertfile 'Of tls and wss: who may sign client certificates, file on the node, PEM'
            cand --client-certificate 'Of tls and wss: whether clients show a certificate [default: none]'
            cand --handshake-timeout 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]'
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --proxy-protocol 'Every connection begins with a PROXY header, version 1 or 2'
            cand --disabled 'Accept no connections until it is enabled'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;set'= {
            cand --bind 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)'
            cand --max-connections 'Most connections at once, 0 = only the node''s limit [default: 0]'
            cand --maximum-packet-size 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]'
            cand --connect-timeout 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]'
            cand --proxy-protocol-timeout 'How long that header may take [default: 3s]'
            cand --path 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]'
            cand --certfile 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]'
            cand --keyfile 'Private key on the node, PEM'
            cand --sni 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has'
            cand --cacertfile 'Of tls and wss: who may sign client certificates, file on the node, PEM'
            cand --client-certificate 'Of tls and wss: whether clients show a certificate [default: none]'
            cand --handshake-timeout 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]'
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --proxy-protocol 'Every connection begins with a PROXY header, version 1 or 2'
            cand --disabled 'Accept no connections until it is enabled'
            cand --no-proxy-protocol 'Connections begin without a PROXY header'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;set'= {
            cand --bind 'Where to listen from now on: an IP address of the node, or a Unix socket (tcp and ws only)'
            cand --max-connections 'Most connections at once, 0 = only the node''s limit [default: 0]'
            cand --maximum-packet-size 'Largest packet accepted, such as 64KiB, 0 = the node''s limit [default: 0]'
            cand --connect-timeout 'From the accepted connection to CONNECT, 0 = the node''s limit [default: 0]'
            cand --proxy-protocol-timeout 'How long that header may take [default: 3s]'
            cand --path 'Of ws and wss: path of the WebSocket handshake [default: /mqtt]'
            cand --certfile 'Of tls and wss: certificate chain on the node, PEM, leaf first [default: that of the node]'
            cand --keyfile 'Private key on the node, PEM'
            cand --sni 'Of tls and wss: another certificate for clients that ask for this host name; can be given again, all together replace those that a listener has'
            cand --cacertfile 'Of tls and wss: who may sign client certificates, file on the node, PEM'
            cand --client-certificate 'Of tls and wss: whether clients show a certificate [default: none]'
            cand --handshake-timeout 'How long the handshakes of TLS and of WebSocket may take, each [default: 15s]'
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --proxy-protocol 'Every connection begins with a PROXY header, version 1 or 2'
            cand --disabled 'Accept no connections until it is enabled'
            cand --no-proxy-protocol 'Connections begin without a PROXY header'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;remove'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --disconnect 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;remove'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --disconnect 'Close its connections too; MQTT 5 clients get DISCONNECT 0x98'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;enable'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;enable'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;disable'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;disable'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;reload-certificates'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listener;reload-certificates'= {
            cand --node 'The node to change [default: the one that --server names; needed when it names several]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;listeners;help'= {
            cand list 'List listeners of all nodes, with the problems that they have'
            cand show 'Show all settings and figures of a listener'
            cand add 'Open a listener; it is there again after a restart of the node'
            cand set 'Change some settings of a listener; what is not given stays, and so do its connections'
            cand remove 'Close a listener for good; its connections stay unless told otherwise'
            cand enable 'Let a disabled listener accept connections again'
            cand disable 'Let a listener accept no more connections; those that it has stay'
            cand reload-certificates 'Read certificate files again; new handshakes use them, connections stay'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;listeners;help;list'= {
        }
        &'emqxctl;listeners;help;show'= {
        }
        &'emqxctl;listeners;help;add'= {
        }
        &'emqxctl;listeners;help;set'= {
        }
        &'emqxctl;listeners;help;remove'= {
        }
        &'emqxctl;listeners;help;enable'= {
        }
        &'emqxctl;listeners;help;disable'= {
        }
        &'emqxctl;listeners;help;reload-certificates'= {
        }
        &'emqxctl;listeners;help;help'= {
        }
        &'emqxctl;listener;help'= {
            cand list 'List listeners of all nodes, with the problems that they have'
            cand show 'Show all settings and figures of a listener'
            cand add 'Open a listener; it is there again after a restart of the node'
            cand set 'Change some settings of a listener; what is not given stays, and so do its connections'
            cand remove 'Close a listener for good; its connections stay unless told otherwise'
            cand enable 'Let a disabled listener accept connections again'
            cand disable 'Let a listener accept no more connections; those that it has stay'
            cand reload-certificates 'Read certificate files again; new handshakes use them, connections stay'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;listener;help;list'= {
        }
        &'emqxctl;listener;help;show'= {
        }
        &'emqxctl;listener;help;add'= {
        }
        &'emqxctl;listener;help;set'= {
        }
        &'emqxctl;listener;help;remove'= {
        }
        &'emqxctl;listener;help;enable'= {
        }
        &'emqxctl;listener;help;disable'= {
        }
        &'emqxctl;listener;help;reload-certificates'= {
        }
        &'emqxctl;listener;help;help'= {
        }
        &'emqxctl;node'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand gc 'Have nodes give back memory that they do not need, and show what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;nodes'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand gc 'Have nodes give back memory that they do not need, and show what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;node;gc'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --all 'All nodes of the cluster, also those that do not answer'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;nodes;gc'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --all 'All nodes of the cluster, also those that do not answer'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;node;help'= {
            cand gc 'Have nodes give back memory that they do not need, and show what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;node;help;gc'= {
        }
        &'emqxctl;node;help;help'= {
        }
        &'emqxctl;nodes;help'= {
            cand gc 'Have nodes give back memory that they do not need, and show what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;nodes;help;gc'= {
        }
        &'emqxctl;nodes;help;help'= {
        }
        &'emqxctl;top'= {
            cand --screen 'What is shown first'
            cand --interval 'Between two states, 100ms to 60s'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --readonly 'Offer nothing that changes the cluster'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;demo'= {
            cand --clients 'Clients with a session on the node that is evacuated; a third of them are offline by then'
            cand --rate 'Connections, and then sessions, to move each second'
            cand --nodes 'Nodes of the cluster'
            cand --publish-rate 'QoS 1 messages to publish each second, to all clients in turn'
            cand --wait-health-check 'Time for a load balancer to notice, before the first connection is cut'
            cand --wait-takeover 'Time for clients to come back, before sessions without a client are moved'
            cand --emqxd 'The daemon''s program [default: the one beside this program; built first under `cargo run`]'
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --keep 'Leave the cluster running and print how to reach it'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;completion'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;generate'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand man 'Write one manual page per command'
            cand completions 'Write the completion scripts of all shells'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;generate;man'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;generate;completions'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;generate;help'= {
            cand man 'Write one manual page per command'
            cand completions 'Write the completion scripts of all shells'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;generate;help;man'= {
        }
        &'emqxctl;generate;help;completions'= {
        }
        &'emqxctl;generate;help;help'= {
        }
        &'emqxctl;version'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;exit-codes'= {
            cand -s 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -q 'Nothing on standard error but errors'
            cand --quiet 'Nothing on standard error but errors'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench'= {
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand conn 'Connect clients that do nothing'
            cand pub 'Publish, at a pace or as fast as the broker takes it'
            cand sub 'Subscribe, and judge what `bench pub` sends'
            cand mix 'Publish and subscribe, so that every message is accounted for'
            cand evac 'See what the evacuation of a node does to sessions, their clients and their messages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;bench;conn'= {
            cand -c 'Clients'
            cand --count 'Clients'
            cand --host 'Brokers, which clients take in turn'
            cand -p 'MQTT port of all of them'
            cand --port 'MQTT port of all of them'
            cand --target 'Brokers with their ports, instead of --host and --port'
            cand -V 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand --version 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand -R 'Connections to open each second; 0: as many as the broker takes'
            cand --conn-rate 'Connections to open each second; 0: as many as the broker takes'
            cand --ifaddr 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux'
            cand --prefix 'What Client Identifiers begin with [default: bench and a random number]'
            cand -n 'Number of the first client, in topics and Client Identifiers'
            cand --startnumber 'Number of the first client, in topics and Client Identifiers'
            cand -u 'User Name of all clients'
            cand --username 'User Name of all clients'
            cand -P 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand --password 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand -k 'Keep Alive, seconds; 0: none'
            cand --keepalive 'Keep Alive, seconds; 0: none'
            cand --duration 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --baseline 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench;pub'= {
            cand -c 'Publishers'
            cand --count 'Publishers'
            cand -t 'Topic Name; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name'
            cand --topic 'Topic Name; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name'
            cand -s 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand --size 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand -I 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]'
            cand --interval-of-msg 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]'
            cand --rate 'Open loop: all publishers together send so many messages a second'
            cand -F 'Closed loop: each publisher keeps so many messages under way, whatever time that takes'
            cand --inflight 'Closed loop: each publisher keeps so many messages under way, whatever time that takes'
            cand --warmup 'Load before anything is counted'
            cand -q 'QoS of messages and subscriptions'
            cand --qos 'QoS of messages and subscriptions'
            cand -L 'Ends after so many messages of all clients together'
            cand --limit 'Ends after so many messages of all clients together'
            cand --host 'Brokers, which clients take in turn'
            cand -p 'MQTT port of all of them'
            cand --port 'MQTT port of all of them'
            cand --target 'Brokers with their ports, instead of --host and --port'
            cand -V 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand --version 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand -R 'Connections to open each second; 0: as many as the broker takes'
            cand --conn-rate 'Connections to open each second; 0: as many as the broker takes'
            cand --ifaddr 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux'
            cand --prefix 'What Client Identifiers begin with [default: bench and a random number]'
            cand -n 'Number of the first client, in topics and Client Identifiers'
            cand --startnumber 'Number of the first client, in topics and Client Identifiers'
            cand -u 'User Name of all clients'
            cand --username 'User Name of all clients'
            cand -P 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand --password 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand -k 'Keep Alive, seconds; 0: none'
            cand --keepalive 'Keep Alive, seconds; 0: none'
            cand --duration 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand -r 'Set RETAIN'
            cand --retain 'Set RETAIN'
            cand --baseline 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench;sub'= {
            cand -c 'Subscribers'
            cand --count 'Subscribers'
            cand -t 'Topic Filter; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name'
            cand --topic 'Topic Filter; %i stands for the client''s number, %c for its Client Identifier, %u for its User Name'
            cand -q 'QoS of messages and subscriptions'
            cand --qos 'QoS of messages and subscriptions'
            cand -L 'Ends after so many messages of all clients together'
            cand --limit 'Ends after so many messages of all clients together'
            cand --host 'Brokers, which clients take in turn'
            cand -p 'MQTT port of all of them'
            cand --port 'MQTT port of all of them'
            cand --target 'Brokers with their ports, instead of --host and --port'
            cand -V 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand --version 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand -R 'Connections to open each second; 0: as many as the broker takes'
            cand --conn-rate 'Connections to open each second; 0: as many as the broker takes'
            cand --ifaddr 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux'
            cand --prefix 'What Client Identifiers begin with [default: bench and a random number]'
            cand -n 'Number of the first client, in topics and Client Identifiers'
            cand --startnumber 'Number of the first client, in topics and Client Identifiers'
            cand -u 'User Name of all clients'
            cand --username 'User Name of all clients'
            cand -P 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand --password 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand -k 'Keep Alive, seconds; 0: none'
            cand --keepalive 'Keep Alive, seconds; 0: none'
            cand --duration 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --baseline 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench;mix'= {
            cand --shape 'Who sends to whom'
            cand -c 'Pairs, subscribers of the one publisher, or publishers to the one subscriber'
            cand --count 'Pairs, subscribers of the one publisher, or publishers to the one subscriber'
            cand -t 'What all topics begin with [default: the prefix of Client Identifiers]'
            cand --topic 'What all topics begin with [default: the prefix of Client Identifiers]'
            cand -s 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand --size 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand -I 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]'
            cand --interval-of-msg 'Open loop: each publisher sends a message every so many milliseconds [default: 1000]'
            cand --rate 'Open loop: all publishers together send so many messages a second'
            cand -F 'Closed loop: each publisher keeps so many messages under way, whatever time that takes'
            cand --inflight 'Closed loop: each publisher keeps so many messages under way, whatever time that takes'
            cand --warmup 'Load before anything is counted'
            cand -q 'QoS of messages and subscriptions'
            cand --qos 'QoS of messages and subscriptions'
            cand -L 'Ends after so many messages of all clients together'
            cand --limit 'Ends after so many messages of all clients together'
            cand --host 'Brokers, which clients take in turn'
            cand -p 'MQTT port of all of them'
            cand --port 'MQTT port of all of them'
            cand --target 'Brokers with their ports, instead of --host and --port'
            cand -V 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand --version 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand -R 'Connections to open each second; 0: as many as the broker takes'
            cand --conn-rate 'Connections to open each second; 0: as many as the broker takes'
            cand --ifaddr 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux'
            cand --prefix 'What Client Identifiers begin with [default: bench and a random number]'
            cand -n 'Number of the first client, in topics and Client Identifiers'
            cand --startnumber 'Number of the first client, in topics and Client Identifiers'
            cand -u 'User Name of all clients'
            cand --username 'User Name of all clients'
            cand -P 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand --password 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand -k 'Keep Alive, seconds; 0: none'
            cand --keepalive 'Keep Alive, seconds; 0: none'
            cand --duration 'Ends after this time, when --limit does not end it before [default: 10s, with --limit 60s]'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand -r 'Set RETAIN'
            cand --retain 'Set RETAIN'
            cand --baseline 'Same load against a rumqttd in this process, to tell a slow broker from a slow machine (needs a build with the feature `baseline`)'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench;evac'= {
            cand -c 'Sessions; all begin at the first broker that is named, which is the one to be evacuated'
            cand --count 'Sessions; all begin at the first broker that is named, which is the one to be evacuated'
            cand --offline 'Of these, sessions whose client comes back only when the evacuation is over'
            cand --rate 'QoS 1 messages a second, to all sessions in turn, by way of the second broker'
            cand -s 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand --size 'Bytes of each payload; the first 24 carry publisher, number and time'
            cand --evacuate 'Start the evacuation of this node and end with it; otherwise somebody else has to'
            cand --conn-evict-rate 'Close at most so many connections each second [default: 500]'
            cand --sess-evict-rate 'Move at most so many sessions without a client each second [default: 500]'
            cand --wait-health-check 'Wait so long for the load balancer before anybody is disconnected'
            cand --wait-takeover 'Give disconnected clients so long to come back elsewhere'
            cand --duration 'Ends after this time, when --evacuate does not end it before'
            cand --host 'Brokers, which clients take in turn'
            cand -p 'MQTT port of all of them'
            cand --port 'MQTT port of all of them'
            cand --target 'Brokers with their ports, instead of --host and --port'
            cand -V 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand --version 'MQTT version: 3 (3.1), 4 (3.1.1) or 5'
            cand -R 'Connections to open each second; 0: as many as the broker takes'
            cand --conn-rate 'Connections to open each second; 0: as many as the broker takes'
            cand --ifaddr 'Addresses to connect from, in turn: A, A-B or A/BITS, with commas between; 127.0.0.0/8 is there on Linux'
            cand --prefix 'What Client Identifiers begin with [default: bench and a random number]'
            cand -n 'Number of the first client, in topics and Client Identifiers'
            cand --startnumber 'Number of the first client, in topics and Client Identifiers'
            cand -u 'User Name of all clients'
            cand --username 'User Name of all clients'
            cand -P 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand --password 'Password of all clients; others on this machine can see what is typed here, so prefer the variable'
            cand -k 'Keep Alive, seconds; 0: none'
            cand --keepalive 'Keep Alive, seconds; 0: none'
            cand --server 'Admin endpoints, tried in this order [env: EMQXCTL_SERVER] [default: 127.0.0.1:7883]'
            cand -o 'Shape of the output'
            cand --output 'Shape of the output'
            cand --color 'When to use colour: auto, always or never [default: auto]'
            cand --timeout 'Bounds each request [default: 10s], and with --wait or --watch all the waiting [default: none]'
            cand --quiet 'Nothing on standard error but errors'
            cand --no-color 'Same as --color never (so does the variable NO_COLOR)'
            cand -y 'Answer every question with yes'
            cand --yes 'Answer every question with yes'
            cand --no-input 'Never ask; fail where a question would be asked'
            cand --no-header 'Tables without titles'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'emqxctl;bench;help'= {
            cand conn 'Connect clients that do nothing'
            cand pub 'Publish, at a pace or as fast as the broker takes it'
            cand sub 'Subscribe, and judge what `bench pub` sends'
            cand mix 'Publish and subscribe, so that every message is accounted for'
            cand evac 'See what the evacuation of a node does to sessions, their clients and their messages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;bench;help;conn'= {
        }
        &'emqxctl;bench;help;pub'= {
        }
        &'emqxctl;bench;help;sub'= {
        }
        &'emqxctl;bench;help;mix'= {
        }
        &'emqxctl;bench;help;evac'= {
        }
        &'emqxctl;bench;help;help'= {
        }
        &'emqxctl;help'= {
            cand cluster 'Look at the cluster, and at the nodes that agree in it'
            cand status 'One screen: nodes, balance, running operations (same as `cluster status`)'
            cand rebalance 'Move clients and sessions between nodes'
            cand clients 'Find, inspect and disconnect clients'
            cand sessions 'Look into sessions, and take copies of them'
            cand data 'Take copies of settings and retained messages, and bring them in'
            cand listeners 'See, add, change and remove listeners while the nodes run'
            cand node 'Look after single nodes'
            cand top 'Watch the cluster on a full screen, live'
            cand demo 'Start a cluster with live clients on this machine, and evacuate one of its nodes'
            cand completion 'Print a shell''s completion script'
            cand generate 'Write manual pages or completion scripts into a folder'
            cand version 'Print the version of this tool'
            cand exit-codes 'Print the exit codes'
            cand bench 'Put load on a broker: connect, publish, subscribe, and see what came of it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'emqxctl;help;cluster'= {
            cand status 'One screen: nodes, balance, running operations, and who agrees on them'
            cand leave 'Have the node that --server names leave the control group, before it is taken away for good'
            cand remove 'Remove a node from the control group, also one that is dead'
            cand join 'Have a node join the control group of the others, forgetting the one it was in'
            cand recover 'Go on without a majority of the voters that is lost for good'
        }
        &'emqxctl;help;cluster;status'= {
        }
        &'emqxctl;help;cluster;leave'= {
        }
        &'emqxctl;help;cluster;remove'= {
        }
        &'emqxctl;help;cluster;join'= {
        }
        &'emqxctl;help;cluster;recover'= {
        }
        &'emqxctl;help;status'= {
        }
        &'emqxctl;help;rebalance'= {
            cand start 'Start an evacuation: take one node out of service at a chosen pace'
            cand status 'Show operations, or one of them'
            cand node-status 'Show the operation that concerns a node'
            cand watch 'Follow an operation until nothing moves any more'
            cand stop 'Stop an operation; the node serves again at once'
        }
        &'emqxctl;help;rebalance;start'= {
        }
        &'emqxctl;help;rebalance;status'= {
        }
        &'emqxctl;help;rebalance;node-status'= {
        }
        &'emqxctl;help;rebalance;watch'= {
        }
        &'emqxctl;help;rebalance;stop'= {
        }
        &'emqxctl;help;clients'= {
            cand list 'List clients of all nodes, sorted by Client Identifier'
            cand show 'Show one client with its subscriptions'
            cand kick 'Disconnect clients; their sessions stay unless told otherwise'
        }
        &'emqxctl;help;clients;list'= {
        }
        &'emqxctl;help;clients;show'= {
        }
        &'emqxctl;help;clients;kick'= {
        }
        &'emqxctl;help;sessions'= {
            cand list 'List sessions of all nodes, sorted by Client Identifier'
            cand show 'Show one session: where it is, its Subscriptions and their options, and what it holds'
            cand export 'Print whole sessions with their messages, one JSON document a line; they do not change'
        }
        &'emqxctl;help;sessions;list'= {
        }
        &'emqxctl;help;sessions;show'= {
        }
        &'emqxctl;help;sessions;export'= {
        }
        &'emqxctl;help;data'= {
            cand export 'Write cluster-wide settings and retained messages into a file'
            cand import 'Bring settings and retained messages of a file in, all of them or none'
        }
        &'emqxctl;help;data;export'= {
        }
        &'emqxctl;help;data;import'= {
        }
        &'emqxctl;help;listeners'= {
            cand list 'List listeners of all nodes, with the problems that they have'
            cand show 'Show all settings and figures of a listener'
            cand add 'Open a listener; it is there again after a restart of the node'
            cand set 'Change some settings of a listener; what is not given stays, and so do its connections'
            cand remove 'Close a listener for good; its connections stay unless told otherwise'
            cand enable 'Let a disabled listener accept connections again'
            cand disable 'Let a listener accept no more connections; those that it has stay'
            cand reload-certificates 'Read certificate files again; new handshakes use them, connections stay'
        }
        &'emqxctl;help;listeners;list'= {
        }
        &'emqxctl;help;listeners;show'= {
        }
        &'emqxctl;help;listeners;add'= {
        }
        &'emqxctl;help;listeners;set'= {
        }
        &'emqxctl;help;listeners;remove'= {
        }
        &'emqxctl;help;listeners;enable'= {
        }
        &'emqxctl;help;listeners;disable'= {
        }
        &'emqxctl;help;listeners;reload-certificates'= {
        }
        &'emqxctl;help;node'= {
            cand gc 'Have nodes give back memory that they do not need, and show what came of it'
        }
        &'emqxctl;help;node;gc'= {
        }
        &'emqxctl;help;top'= {
        }
        &'emqxctl;help;demo'= {
        }
        &'emqxctl;help;completion'= {
        }
        &'emqxctl;help;generate'= {
            cand man 'Write one manual page per command'
            cand completions 'Write the completion scripts of all shells'
        }
        &'emqxctl;help;generate;man'= {
        }
        &'emqxctl;help;generate;completions'= {
        }
        &'emqxctl;help;version'= {
        }
        &'emqxctl;help;exit-codes'= {
        }
        &'emqxctl;help;bench'= {
            cand conn 'Connect clients that do nothing'
            cand pub 'Publish, at a pace or as fast as the broker takes it'
            cand sub 'Subscribe, and judge what `bench pub` sends'
            cand mix 'Publish and subscribe, so that every message is accounted for'
            cand evac 'See what the evacuation of a node does to sessions, their clients and their messages'
        }
        &'emqxctl;help;bench;conn'= {
        }
        &'emqxctl;help;bench;pub'= {
        }
        &'emqxctl;help;bench;sub'= {
        }
        &'emqxctl;help;bench;mix'= {
        }
        &'emqxctl;help;bench;evac'= {
        }
        &'emqxctl;help;help'= {
        }
    ]
    $completions[$command]
}
