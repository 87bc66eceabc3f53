//! Network interfaces, as devices and as they are configured.

use winreach_cim::Array;

use crate::assert_values;
use crate::fixture::{Tree, strings};

fn tree() -> Tree {
    Tree::new()
        .file("/sys/class/net/lo/ifindex", "1\n")
        .file("/sys/class/net/lo/type", "772\n")
        .file("/sys/class/net/lo/flags", "0x9\n")
        .file("/sys/class/net/lo/operstate", "unknown\n")
        .file("/sys/class/net/lo/carrier", "1\n")
        .file("/sys/class/net/lo/address", "00:00:00:00:00:00\n")
        .file("/sys/class/net/eth0/ifindex", "12\n")
        .file("/sys/class/net/eth0/type", "1\n")
        .file("/sys/class/net/eth0/flags", "0x1003\n")
        .file("/sys/class/net/eth0/operstate", "up\n")
        .file("/sys/class/net/eth0/address", "52:54:00:ab:cd:ef\n")
        .file("/sys/class/net/eth0/addr_assign_type", "0\n")
        .file("/sys/class/net/eth0/speed", "2500\n")
        .file("/sys/class/net/eth0/mtu", "1500\n")
        .file("/sys/devices/pci0/virtio0/modalias", "virtio:d00000001v00001AF4\n")
        .link("/sys/devices/pci0/virtio0/driver", "../../../bus/virtio/drivers/virtio_net")
        .link("/sys/class/net/eth0/device", "../../../devices/pci0/virtio0")
        .file("/sys/class/net/wlan0/ifindex", "3\n")
        .file("/sys/class/net/wlan0/type", "1\n")
        .file("/sys/class/net/wlan0/flags", "0x1003\n")
        .file("/sys/class/net/wlan0/operstate", "down\n")
        .file("/sys/class/net/wlan0/speed", "-1\n")
        .directory("/sys/class/net/wlan0/wireless")
        .file("/sys/class/net/bonding_masters", "bond0\n")
        .file(
            "/proc/net/route",
            format!(
                "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n\
                 eth0\t00000000\t{:08X}\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
                 eth0\t{:08X}\t00000000\t0001\t0\t0\t0\t{:08X}\t0\t0\t0\n",
                u32::from_ne_bytes([192, 0, 2, 1]),
                u32::from_ne_bytes([192, 0, 2, 0]),
                u32::from_ne_bytes([255, 255, 255, 192]),
            ),
        )
        .file(
            "/proc/net/ipv6_route",
            "00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
             fe800000000000000000000000000099 00000400 00000001 00000000 00000003     eth0\n\
             fe800000000000000000000000000000 40 00000000000000000000000000000000 00 \
             00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n",
        )
        .file(
            "/etc/resolv.conf",
            "# c\nnameserver 192.0.2.53\nnameserver ::1\nsearch a.test b.test\n",
        )
        .file("/proc/sys/net/ipv4/ip_default_ttl", "64\n")
        .file("/proc/sys/net/ipv4/tcp_keepalive_time", "7200\n")
        .file("/proc/sys/net/ipv4/tcp_retries2", "15\n")
        .file("/proc/sys/net/ipv4/ip_no_pmtu_disc", "0\n")
}

#[test]
fn adapters() {
    let [lo, wlan, eth] = tree().all("Win32_NetworkAdapter").try_into().expect("three interfaces");
    assert_values!(lo, {
        DeviceID: "1", NetConnectionID: "lo", MACAddress: (), NetConnectionStatus: 2_u16,
        PhysicalAdapter: false, AdapterType: (), Speed: (), NetEnabled: true,
    });
    assert_values!(wlan, {
        DeviceID: "3", AdapterType: "Wireless", AdapterTypeID: 9_u16, Speed: (),
        NetConnectionStatus: 7_u16,
    });
    assert_values!(eth, {
        DeviceID: "12", Index: 12_u32, InterfaceIndex: 12_u32, Name: "eth0",
        Caption: "[00000012] eth0", MACAddress: "52:54:00:AB:CD:EF",
        PermanentAddress: "52:54:00:AB:CD:EF", AdapterType: "Ethernet 802.3", AdapterTypeID: 0_u16,
        Speed: 2_500_000_000_u64, PhysicalAdapter: true, ServiceName: "virtio_net",
        NetConnectionStatus: 2_u16, SystemName: "alpha", Manufacturer: (),
    });
}

#[test]
fn configurations() {
    let all = tree().all("Win32_NetworkAdapterConfiguration");
    let [lo, wlan, eth] = all.try_into().expect("three interfaces");
    assert_values!(lo, {
        Index: 1_u32, IPEnabled: false, IPAddress: strings(&["127.0.0.1"]), DNSHostName: (),
        DNSServerSearchOrder: (), DefaultIPGateway: (), MACAddress: (),
    });
    assert_values!(wlan, { Index: 3_u32, IPEnabled: false, IPAddress: (), IPSubnet: () });
    assert_values!(eth, {
        Index: 12_u32, Description: "eth0", IPEnabled: true,
        IPAddress: strings(&["192.0.2.7", "fe80::1"]),
        IPSubnet: strings(&["255.255.255.192", "64"]),
        DefaultIPGateway: strings(&["192.0.2.1", "fe80::99"]),
        GatewayCostMetric: Array::Uint16(vec![100, 1024]), IPConnectionMetric: 100_u32,
        DNSServerSearchOrder: strings(&["192.0.2.53", "::1"]),
        DNSDomainSuffixSearchOrder: strings(&["a.test", "b.test"]), DNSDomain: "a.test",
        DNSHostName: "alpha", MTU: 1500_u32, DefaultTTL: 64_u8, KeepAliveTime: 7_200_000_u32,
        TcpMaxDataRetransmissions: 15_u32, PMTUDiscoveryEnabled: true, ServiceName: "virtio_net",
        DHCPEnabled: (), WINSPrimaryServer: (),
    });
}
