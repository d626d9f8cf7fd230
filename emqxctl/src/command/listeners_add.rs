//! `emqxctl listeners add`

use super::listener_target::{listener_explained, require_one_node};
use super::listeners_set::settings;
use super::{CommandResult, Context};
use crate::admin::NewListener;
use crate::cli::{AddListenerArgs, ClientCertificateArg, SettingsArgs};
use crate::exit::ExitStatus;
use crate::model::ListenerKind;
use crate::output::Diagnostic;
use crate::output::listener_table::condition;

pub(super) async fn run(context: &mut Context, args: AddListenerArgs) -> CommandResult {
    let what = format!("cannot add the listener {}", args.name);
    let node = args.node.node.as_deref();
    let kind = ListenerKind::from(args.kind);
    if let Some((flag, kinds)) = misplaced(kind, &args.bind, &args.settings) {
        return Err(Diagnostic::new(
            ExitStatus::Usage,
            format!("{what}: {flag} is for listeners of type {kinds}"),
        )
        .hint(format!(
            "choose another --type than {}, or {}",
            kind.label(),
            if flag.starts_with("--") {
                "leave it out"
            } else {
                "--bind it to HOST:PORT"
            }
        ))
        .into());
    }
    require_one_node(context, node, &what)?;
    let mut wanted = settings(&args.settings);
    wanted.bind = Some(args.bind);
    wanted
        .certificates
        .extend(args.settings.sni.iter().cloned());
    let new = NewListener {
        name: args.name,
        kind,
        settings: wanted,
    };
    let listener = listener_explained(context.admin.add_listener(node, new).await, &what)?;
    let sentence = format!(
        "{} ({}) added on {}, {}",
        listener.name,
        listener.kind.label(),
        listener.node,
        condition(&listener)
    );
    context.show_changed(&listener, &sentence)
}

/// An option that a listener of this type does not have, and the types that do.
fn misplaced(
    kind: ListenerKind,
    bind: &str,
    args: &SettingsArgs,
) -> Option<(&'static str, &'static str)> {
    let asks_for_certificates = args
        .client_certificate
        .is_some_and(|wanted| wanted != ClientCertificateArg::None);
    let of_tls = [
        ("--certfile", args.certfile.is_some()),
        ("--sni", !args.sni.is_empty()),
        ("--cacertfile", args.cacertfile.is_some()),
        ("--client-certificate", asks_for_certificates),
    ];
    if let Some((flag, _)) = of_tls.iter().find(|(_, given)| *given && !kind.has_tls()) {
        return Some((flag, "tls and wss"));
    }
    if args.path.is_some() && !kind.has_web_socket() {
        return Some(("--path", "ws and wss"));
    }
    if kind == ListenerKind::Tcp && args.handshake_timeout.is_some() {
        return Some(("--handshake-timeout", "tls, ws and wss"));
    }
    if bind.starts_with("unix:") && kind.has_tls() {
        return Some(("a Unix socket", "tcp and ws"));
    }
    None
}
