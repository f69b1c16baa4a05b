#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Make the small geo databases of the demo: places for documentation addresses (RFC 5737, RFC 3849) only.
# usage: make_geo.pl CITY.mmdb ASN.mmdb FLAT.mmdb      needs libmaxmind-db-writer-perl
use strict;
use warnings;
use utf8;
use MaxMind::DB::Writer::Tree;

my ($city_path, $asn_path, $flat_path) = @ARGV;
die "usage: make_geo.pl CITY.mmdb ASN.mmdb FLAT.mmdb\n" unless $flat_path;

my %types = (
    city => 'map', country => 'map', registered_country => 'map', location => 'map', postal => 'map',
    subdivisions => ['array', 'map'], names => 'map', en => 'utf8_string', iso_code => 'utf8_string',
    code => 'utf8_string', latitude => 'double', longitude => 'double', accuracy_radius => 'uint16',
    geoname_id => 'uint32', autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string',
);

# ip-location-db: every field at the top, for one address family
my %flat_types = (
    city => 'utf8_string', state1 => 'utf8_string', state2 => 'utf8_string', postcode => 'utf8_string',
    country_code => 'utf8_string', timezone => 'utf8_string', latitude => 'float', longitude => 'float',
);

sub tree {
    my ($type, $text, $version, $flat) = @_;
    return MaxMind::DB::Writer::Tree->new(
        ip_version => $version, record_size => 24, database_type => $type, languages => ['en'],
        description => { en => $text }, remove_reserved_networks => 0, alias_ipv6_to_ipv4 => 0,
        map_key_type_callback => sub { $flat ? $flat_types{ $_[0] } : $types{ $_[0] } },
    );
}

sub place {
    my ($city, $region, $postal, $country, $code, $lat, $lon, $km) = @_;
    return {
        city => { names => { en => $city } }, subdivisions => [ { names => { en => $region } } ],
        postal => { code => $postal }, country => { iso_code => $code, names => { en => $country } },
        location => { latitude => $lat, longitude => $lon, accuracy_radius => $km },
    };
}

my $city = tree('GeoLite2-City', 'Places made up for documentation addresses', 6);
$city->insert_network('192.0.2.0/24', place('Amsterdam', 'North Holland', '1012', 'Netherlands', 'NL', 52.374, 4.8897, 10));
$city->insert_network('198.51.100.0/24', place('Reykjavík', 'Capital Region', '101', 'Iceland', 'IS', 64.1466, -21.9426, 20));
$city->insert_network('203.0.113.0/24', place('Singapore', 'Central Singapore', '018', 'Singapore', 'SG', 1.2897, 103.8501, 5));
$city->insert_network('2001:db8::/32', place('Amsterdam', 'North Holland', '1012', 'Netherlands', 'NL', 52.374, 4.8897, 50));

my $asn = tree('GeoLite2-ASN', 'Networks made up for documentation addresses', 6);
my %as = ('192.0.2.0/24' => [64496, 'Example Hosting'], '198.51.100.0/24' => [64497, 'Example Far Hosting'],
          '203.0.113.0/24' => [64498, 'Example Cloud'], '2001:db8::/32' => [64496, 'Example Hosting']);
for my $net (sort keys %as) {
    $asn->insert_network($net, { autonomous_system_number => $as{$net}[0], autonomous_system_organization => $as{$net}[1] });
}

my $flat = tree('dbip-city-ipv4', 'Places made up for documentation addresses, in a flat schema', 4, 1);
$flat->insert_network('192.0.2.0/25', { city => 'Utrecht', state1 => 'Utrecht', postcode => '3511', country_code => 'NL',
                                        latitude => 52.0907, longitude => 5.1214, timezone => 'Europe/Amsterdam' });
$flat->insert_network('203.0.113.0/24', { city => 'Singapore', country_code => 'SG', latitude => 1.2897, longitude => 103.8501 });

for ([ $city, $city_path ], [ $asn, $asn_path ], [ $flat, $flat_path ]) {
    open my $out, '>:raw', $_->[1] or die "$_->[1]: $!\n";
    $_->[0]->write_tree($out);
    close $out or die "$_->[1]: $!\n";
}
