//! Ports that a service listens on.

use std::fmt;

use super::error::Error;

/// A port with its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// From 1.
    pub number: u16,
    pub protocol: Protocol,
}

/// The protocols that engines know (`parsePortSpecs` in BuildKit's `frontend/dockerfile/dockerfile2llb`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl Port {
    /// The end of `NUMBER/PROTOCOL`, empty for `tcp`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self.protocol {
            Protocol::Tcp => "",
            Protocol::Udp => "/udp",
            Protocol::Sctp => "/sctp",
        }
    }

    /// Reads `NUMBER` or `NUMBER/PROTOCOL`.
    pub(super) fn parse(text: String) -> Result<Self, Error> {
        let (number, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((first, last)) = number.split_once('-')
            && is_number(first)
            && is_number(last)
        {
            return Err(Error::PortRange(text));
        }
        if let Some((_, inside)) = number.rsplit_once(':')
            && is_number(inside)
        {
            return Err(Error::PublishedPort(text.clone(), inside.to_owned()));
        }
        let parsed = number.parse().ok().filter(|port| *port > 0);
        let Some(parsed) = parsed.filter(|_| is_number(number)) else {
            return Err(Error::Port(text));
        };
        let known = Protocol::ALL.into_iter();
        let mut known = known.filter(|one| protocol.eq_ignore_ascii_case(one.as_str()));
        let protocol = known
            .next()
            .ok_or_else(|| Error::PortProtocol(text.clone()))?;
        Ok(Self {
            number: parsed,
            protocol,
        })
    }
}

/// As in an image config and in `EXPOSE`.
impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol.as_str())
    }
}
