import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddressKind, addressKind, parseAddress } from './network-address.ts';

const table: { readonly [kind in AddressKind]: readonly string[] } = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.0.3.0',
    '192.88.98.255',
    '192.88.100.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '198.51.99.255',
    '198.51.101.0',
    '203.0.112.255',
    '203.0.114.0',
    '223.255.255.255',
    '168.63.129.15',
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '2a00:1450:4001:80b::200e',
    '2001:200::',
    '2003::1',
    '2001:db7::1',
    '2001:db9::1',
    '2620:4f:8000::',
    '3ffe::1',
  ],
  unspecified: ['0.0.0.0', '0.0.0.1', '0.255.255.255', '::', '0:0:0:0:0:0:0:0'],
  loopback: ['127.0.0.1', '127.0.0.2', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1', '0000::0001', '::1%lo'],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.0',
    '172.20.10.1',
    '172.31.255.255',
    '192.168.0.0',
    '192.168.255.255',
    'fc00::',
    'fd00::1',
    'fd00:ec2::254',
    'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    'fec0::1',
    'feff::1',
  ],
  shared: ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
  link_local: [
    '169.254.0.0',
    '169.254.169.254',
    '169.254.170.2',
    '169.254.255.255',
    'fe80::',
    'fe80::1%eth0',
    'febf:ffff::1',
  ],
  multicast: ['224.0.0.0', '224.0.0.251', '239.255.255.255', 'ff00::', 'ff02::1', 'ffff::'],
  documentation: [
    '192.0.2.0',
    '192.0.2.255',
    '198.51.100.1',
    '203.0.113.255',
    '2001:db8::',
    '2001:db8:ffff::1',
    '3fff::1',
    '3fff:fff::1',
  ],
  benchmark: ['198.18.0.0', '198.19.255.255', '2001:2::1'],
  metadata: ['168.63.129.16'],
  embedded_ipv4: [
    '192.88.99.1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:7f00:1',
    '::FFFF:10.0.0.1',
    '::ffff:169.254.169.254',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::127.0.0.1',
    '::8.8.8.8',
    '::7f00:1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::8.8.8.8',
    '64:ff9b::169.254.169.254',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::1',
    '2002:808:808::',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  ],
  reserved: [
    '192.0.0.0',
    '192.0.0.8',
    '192.0.0.192',
    '240.0.0.0',
    '255.255.255.255',
    '2001:10::1',
    '2001:20::1',
    '2001:1::1',
    '100::1',
    '1::',
    '4000::',
    '5f00::1',
    '8000::',
    'fe00::1',
    'fbff::1',
    '64:ff9c::1',
    '::1:0:0:0:1',
  ],
  unreadable: [
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '1.2.3.-4',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    ' 127.0.0.1',
    '127.0.0.1 ',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '::12345',
    '::g',
    '1:2:3:4:5:6:7::8:9',
    '::1.2.3.4:5',
    '1.2.3.4::',
    '::1.2.3',
    '[::1]',
  ],
};

describe('given an IP address', () => {
  const cases = Object.entries(table).flatMap(([kind, addresses]) =>
    addresses.map((address) => [address, kind] as const),
  );

  it.each(cases)('when it is %j, then it is %s', (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });

  it('when it is any IPv6 address that is not global unicast, then it is not public', () => {
    const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (given) => {
        const text = given.map((group) => group.toString(16)).join(':');
        const isUnicast = given[0]! >= 0x2000 && given[0]! < 0x4000;
        expect(addressKind(text) === 'public' && !isUnicast).toBe(false);
        expect(addressKind(text)).not.toBe('unreadable');
      }),
    );
  });

  it('when zeros are left out anywhere, then it is the same address', () => {
    expect(parseAddress('1:0:0:2:0:0:0:3')).toEqual(parseAddress('1:0:0:2::3'));
    expect(parseAddress('1:0:0:2:0:0:0:3')).toEqual(parseAddress('1::2:0:0:0:3'));
  });
});
