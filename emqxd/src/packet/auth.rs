//! AUTH [MQTT-3.15].

use bytes::{BufMut, BytesMut};

use super::property::{self, Properties, Sink, id};
use super::wire::Input;
use super::{Auth, DecodeError, ReasonCode};

pub(super) fn read(input: &mut Input) -> Result<Auth, DecodeError> {
    let mut auth = Auth {
        reason_code: ReasonCode::Success,
        authentication_method: None,
        authentication_data: None,
        reason_string: None,
        user_properties: Vec::new(),
    };
    if input.is_empty() {
        return Ok(auth);
    }
    auth.reason_code = match ReasonCode::from_byte(input.u8()?) {
        Some(
            code @ (ReasonCode::Success
            | ReasonCode::ContinueAuthentication
            | ReasonCode::ReAuthenticate),
        ) => code,
        _ => return Err(DecodeError::Malformed("unknown Reason Code in AUTH")),
    };
    let mut found = Properties::read(input)?;
    while let Some(identifier) = found.next()? {
        match identifier {
            id::AUTHENTICATION_METHOD => auth.authentication_method = Some(found.string()?),
            id::AUTHENTICATION_DATA => auth.authentication_data = Some(found.binary()?),
            id::REASON_STRING => auth.reason_string = Some(found.string()?),
            id::USER_PROPERTY => auth.user_properties.push(found.user_property()?),
            other => return Err(property::misplaced(other)),
        }
    }
    input.finish()?;
    Ok(auth)
}

fn properties(auth: &Auth, sink: &mut Sink<'_>) {
    sink.string(
        id::AUTHENTICATION_METHOD,
        auth.authentication_method.as_ref(),
    );
    sink.bytes(id::AUTHENTICATION_DATA, auth.authentication_data.as_deref());
    sink.string(id::REASON_STRING, auth.reason_string.as_ref());
    sink.user_properties(&auth.user_properties);
}

pub(super) fn body_len(auth: &Auth) -> usize {
    match (
        auth.reason_code,
        property::measure(|sink| properties(auth, sink)),
    ) {
        (ReasonCode::Success, 0) => 0,
        (_, count) => 1 + property::section_len(count),
    }
}

pub(super) fn write(auth: &Auth, out: &mut BytesMut) {
    if body_len(auth) == 0 {
        return;
    }
    out.put_u8(auth.reason_code.as_byte());
    let count = property::measure(|sink| properties(auth, sink));
    property::write_section(count, out, |sink| properties(auth, sink));
}
