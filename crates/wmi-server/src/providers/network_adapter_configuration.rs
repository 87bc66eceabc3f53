//! `Win32_NetworkAdapterConfiguration`: addresses, routes, names and the settings of TCP.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use winreach_cim::DateTime;

use crate::provider::{ProviderError, Request};

use super::machine::{Address, Machine};
use super::network::Interface;
use super::table::{Source, Table, table};

/// How an interface is configured.
pub(super) struct Configuration {
    interface: Interface,
    /// Its own addresses, those of IPv4 first.
    addresses: Vec<Address>,
    /// Its own default routes.
    gateways: Vec<Gateway>,
    names: Rc<Names>,
}

/// A default route.
#[derive(Clone)]
struct Gateway {
    interface: String,
    ip: IpAddr,
    metric: u32,
}

/// `/etc/resolv.conf`, which holds for the whole machine.
struct Names {
    servers: Vec<String>,
    search: Vec<String>,
}

impl Gateway {
    /// A line of `/proc/net/route`: numbers in the byte order of the machine.
    fn parse_v4(line: &str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace();
        let interface = fields.next()?.to_owned();
        let (destination, gateway) = (fields.next()?, fields.next()?);
        let metric = fields.nth(3)?.parse().ok()?;
        let mask = fields.next()?;
        let ip = Ipv4Addr::from(u32::from_str_radix(gateway, 16).ok()?.to_ne_bytes());
        let is_default = [destination, mask] == ["00000000"; 2] && !ip.is_unspecified();
        is_default.then_some(Self { interface, ip: ip.into(), metric })
    }

    /// A line of `/proc/net/ipv6_route`: numbers in the byte order of the network.
    fn parse_v6(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [destination, length, _, _, next, metric, _, _, _, interface] = fields.as_slice()
        else {
            return None;
        };
        let ip = Ipv6Addr::from(u128::from_str_radix(next, 16).ok()?);
        let any = destination.bytes().all(|digit| digit == b'0') && *length == "00";
        let metric = u32::from_str_radix(metric, 16).ok()?;
        let is_default = any && !ip.is_unspecified();
        is_default.then(|| Self { interface: (*interface).to_owned(), ip: ip.into(), metric })
    }

    fn all(machine: &Machine) -> Vec<Self> {
        let v4 = machine.text("/proc/net/route").unwrap_or_default();
        let v6 = machine.text("/proc/net/ipv6_route").unwrap_or_default();
        v4.lines().filter_map(Self::parse_v4).chain(v6.lines().filter_map(Self::parse_v6)).collect()
    }
}

impl Names {
    fn of(machine: &Machine) -> Self {
        let (mut servers, mut search) = (Vec::new(), Vec::new());
        for line in machine.text("/etc/resolv.conf").unwrap_or_default().lines() {
            let mut words = line.split_ascii_whitespace().map(str::to_owned);
            match words.next().as_deref() {
                Some("nameserver") => servers.extend(words.next()),
                // The last of these lines counts.
                Some("search" | "domain") => search = words.collect(),
                _ => {}
            }
        }
        Self { servers, search }
    }
}

impl Configuration {
    fn sysctl<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.interface.machine().number(&format!("/proc/sys/net/ipv4/{name}"))
    }

    /// Whether people would call the interface one that IP runs over.
    fn is_enabled(&self) -> bool {
        !self.addresses.is_empty()
            && !self.interface.is_loopback()
            && self.interface.is_up() == Some(true)
    }

    /// What is worked out only where IP is enabled, and null elsewhere.
    fn where_enabled<T>(&self, value: impl FnOnce() -> T) -> Option<T> {
        self.is_enabled().then(value)
    }

    fn ip_addresses(&self) -> Option<Vec<String>> {
        (!self.addresses.is_empty())
            .then(|| self.addresses.iter().map(|a| a.ip.to_string()).collect())
    }

    /// A mask for IPv4, the length of the prefix for IPv6.
    fn subnets(&self) -> Option<Vec<String>> {
        let text = |address: &Address| match address.mask {
            IpAddr::V4(mask) => mask.to_string(),
            IpAddr::V6(mask) => u128::from(mask).count_ones().to_string(),
        };
        (!self.addresses.is_empty()).then(|| self.addresses.iter().map(text).collect())
    }

    fn gateways(&self) -> Option<Vec<String>> {
        (!self.gateways.is_empty())
            .then(|| self.gateways.iter().map(|gateway| gateway.ip.to_string()).collect())
    }

    fn gateway_metrics(&self) -> Option<Vec<u16>> {
        let metric = |gateway: &Gateway| u16::try_from(gateway.metric).unwrap_or(u16::MAX);
        (!self.gateways.is_empty()).then(|| self.gateways.iter().map(metric).collect())
    }

    fn milliseconds(&self, name: &str) -> Option<u32> {
        self.sysctl::<u32>(name)?.checked_mul(1000)
    }

    fn discovers_mtu(&self) -> Option<bool> {
        Some(self.sysctl::<u32>("ip_no_pmtu_disc")? == 0)
    }
}

impl Source for Configuration {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let names = Rc::new(Names::of(machine));
        let mut addresses = machine.kernel().addresses();
        addresses.sort_by_key(|address| address.ip.is_ipv6());
        let gateways = Gateway::all(machine);
        Ok(Interface::all(machine).into_iter().map(move |interface| {
            let own = |name: &str| name == interface.name;
            Self {
                addresses: addresses.iter().filter(|a| own(&a.interface)).cloned().collect(),
                gateways: gateways.iter().filter(|g| own(&g.interface)).cloned().collect(),
                names: Rc::clone(&names),
                interface,
            }
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// How a network interface is configured.
            Win32_NetworkAdapterConfiguration: CIM_Setting
                = "{8502C515-5FBB-11D2-AAC1-006008C78BC7}", with ip: Self;
            inherits {
                Caption => format!("[{:08}] {}", ip.interface.index, ip.interface.name);
                Description => ip.interface.name.clone();
            }
            declares {
                /// Whether ARP always uses source routes.
                ArpAlwaysSourceRoute: bool;
                /// Whether ARP uses 802.3 frames.
                ArpUseEtherSNAP: bool;
                /// Directory of hosts, services and the like.
                DatabasePath: String;
                /// Whether dead gateways are found out.
                DeadGWDetectEnabled: bool;
                /// Default gateways.
                DefaultIPGateway: Vec<String> => ip.gateways();
                /// Default type of service.
                DefaultTOS: u8;
                /// Default time to live.
                DefaultTTL: u8 => ip.sysctl::<u8>("ip_default_ttl");
                /// Whether addresses come by DHCP.
                DHCPEnabled: bool;
                /// When the lease of the address ends.
                DHCPLeaseExpires: DateTime;
                /// When the lease of the address began.
                DHCPLeaseObtained: DateTime;
                /// DHCP server.
                DHCPServer: String;
                /// Domain of the connection.
                DNSDomain: String => ip.where_enabled(|| ip.names.search.first().cloned()).flatten();
                /// Domains in which short names are looked for.
                DNSDomainSuffixSearchOrder: Vec<String>
                    => ip.where_enabled(|| ip.names.search.clone()).filter(|list| !list.is_empty());
                /// Whether WINS falls back on DNS.
                DNSEnabledForWINSResolution: bool;
                /// Host name.
                DNSHostName: String => ip.where_enabled(|| ip.interface.machine().host_name()).flatten();
                /// Name servers.
                DNSServerSearchOrder: Vec<String>
                    => ip.where_enabled(|| ip.names.servers.clone()).filter(|list| !list.is_empty());
                /// Whether the address is registered under the connection's domain.
                DomainDNSRegistrationEnabled: bool;
                /// Memory for packets to forward.
                ForwardBufferMemory: u32 [units("bytes")];
                /// Whether the address is registered under the computer's whole name.
                FullDNSRegistrationEnabled: bool;
                /// Costs of the default gateways.
                GatewayCostMetric: Vec<u16> => ip.gateway_metrics();
                /// How far multicast is supported.
                IGMPLevel: u8;
                /// Index of the interface.
                Index: u32 [key] => ip.interface.index;
                /// Index of the interface, as routes name it.
                InterfaceIndex: u32 => ip.interface.index;
                /// Addresses, those of IPv4 first.
                IPAddress: Vec<String> => ip.ip_addresses();
                /// Cost of the connection.
                IPConnectionMetric: u32 => ip.gateways.first().map(|gateway| gateway.metric);
                /// Whether IP runs over the interface.
                IPEnabled: bool => ip.is_enabled();
                /// Whether packets are filtered.
                IPFilterSecurityEnabled: bool;
                /// Whether ports are filtered.
                IPPortSecurityEnabled: bool;
                /// Protocols that may pass.
                IPSecPermitIPProtocols: Vec<String>;
                /// TCP ports that may be reached.
                IPSecPermitTCPPorts: Vec<String>;
                /// UDP ports that may be reached.
                IPSecPermitUDPPorts: Vec<String>;
                /// Masks of the IPv4 addresses and prefix lengths of the IPv6 addresses.
                IPSubnet: Vec<String> => ip.subnets();
                /// Whether zeros mean broadcast.
                IPUseZeroBroadcast: bool;
                /// IPX address.
                IPXAddress: String;
                /// Whether IPX runs over the interface.
                IPXEnabled: bool;
                /// Kinds of IPX frames.
                IPXFrameType: Vec<u32>;
                /// Kind of IPX medium.
                IPXMediaType: u32;
                /// IPX networks.
                IPXNetworkNumber: Vec<String>;
                /// IPX network of the computer itself.
                IPXVirtualNetNumber: String;
                /// Pause between keep-alive packets without an answer.
                KeepAliveInterval: u32 [units("milliseconds")]
                    => ip.milliseconds("tcp_keepalive_intvl");
                /// Silence after which keep-alive packets begin.
                KeepAliveTime: u32 [units("milliseconds")] => ip.milliseconds("tcp_keepalive_time");
                /// Hardware address.
                MACAddress: String => ip.interface.mac_address();
                /// The largest packet.
                MTU: u32 [units("bytes")] => ip.interface.file("mtu").and_then(|mtu| mtu.parse().ok());
                /// How many packets to forward are kept.
                NumForwardPackets: u32;
                /// Whether routers that drop large packets in silence are found out.
                PMTUBHDetectEnabled: bool => ip.sysctl::<u32>("tcp_mtu_probing").map(|mode| mode > 0);
                /// Whether the largest packet on the way is found out.
                PMTUDiscoveryEnabled: bool => ip.discovers_mtu();
                /// Name of the driver.
                ServiceName: String => ip.interface.driver();
                /// How NetBIOS over TCP is set.
                TcpipNetbiosOptions: u32;
                /// How often the start of a connection is tried again.
                TcpMaxConnectRetransmissions: u32 => ip.sysctl::<u32>("tcp_syn_retries");
                /// How often data are sent again before the connection is given up.
                TcpMaxDataRetransmissions: u32 => ip.sysctl::<u32>("tcp_retries2");
                /// The most connections at a time.
                TcpNumConnections: u32;
                /// Which way urgent data are read.
                TcpUseRFC1122UrgentPointer: bool;
                /// The largest receive window.
                TcpWindowSize: u16 [units("bytes")];
                /// Whether lmhosts files are used.
                WINSEnableLMHostsLookup: bool;
                /// The lmhosts file.
                WINSHostLookupFile: String;
                /// First WINS server.
                WINSPrimaryServer: String;
                /// NetBIOS scope.
                WINSScopeID: String;
                /// Second WINS server.
                WINSSecondaryServer: String;
            }
        }
    }
}
