//! `emqxctl listeners set`

use super::listener_target::{find, listener_explained, require_one_node};
use super::{CommandResult, Context};
use crate::admin::ListenerSettings;
use crate::cli::{SetListenerArgs, SettingsArgs};
use crate::exit::ExitStatus;
use crate::model::ServerCertificate;
use crate::output::Diagnostic;
use crate::output::listener_table::condition;

pub(super) async fn run(context: &mut Context, args: SetListenerArgs) -> CommandResult {
    let name = args.name;
    let what = format!("cannot change the listener {name}");
    let mut wanted = settings(&args.settings);
    wanted.bind = args.bind;
    if args.no_proxy_protocol {
        wanted.proxy_protocol = Some(false);
    }
    if wanted == ListenerSettings::default() && args.settings.sni.is_empty() {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            format!("{what}: nothing is named that should change"),
        )
        .hint("give at least one setting; `emqxctl listeners set --help` lists them")
        .into());
    }
    let mut node = args.node.node;
    require_one_node(context, node.as_deref(), &what)?;
    let (has_main, has_named) = (
        !wanted.certificates.is_empty(),
        !args.settings.sni.is_empty(),
    );
    if has_main || has_named {
        // A node takes all certificates or none, an operator names those that change.
        let present = find(context, &name, node.as_deref(), &what).await?;
        let is_kept = |certificate: &ServerCertificate| match certificate.server_name {
            None => !has_main,
            Some(_) => !has_named,
        };
        let kept = present.certificates.into_iter().filter(is_kept);
        wanted.certificates.extend(kept);
        wanted.certificates.extend(args.settings.sni);
        node = Some(present.node);
    }
    let answer = context
        .admin
        .set_listener(node.as_deref(), &name, wanted)
        .await;
    let listener = listener_explained(answer, &what)?;
    let sentence = format!(
        "{} ({}) on {} changed, {}",
        listener.name,
        listener.kind.label(),
        listener.node,
        condition(&listener)
    );
    context.show_changed(&listener, &sentence)
}

/// What was typed, without the certificates of single host names.
pub(super) fn settings(args: &SettingsArgs) -> ListenerSettings {
    let main = args.certfile.clone().zip(args.keyfile.clone());
    ListenerSettings {
        bind: None,
        enabled: args.disabled.then_some(false),
        max_connections: args.max_connections,
        maximum_packet_size: args.maximum_packet_size,
        connect_timeout: args.connect_timeout,
        proxy_protocol: args.proxy_protocol.then_some(true),
        proxy_protocol_timeout: args.proxy_protocol_timeout,
        path: args.path.clone(),
        certificates: main
            .map(|(certfile, keyfile)| ServerCertificate {
                server_name: None,
                certfile,
                keyfile,
            })
            .into_iter()
            .collect(),
        cacertfile: args.cacertfile.clone(),
        client_certificate: args.client_certificate.map(Into::into),
        handshake_timeout: args.handshake_timeout,
    }
}
