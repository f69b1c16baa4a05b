/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside decode: all layers, one row each: its symbol, LAYER_…, and its function, nta_layer_…();
 * see layer.h.
 */

#define NTA_LAYERS(ROW)                                                                            \
    ROW(ETHERNET, ethernet)                                                                        \
    ROW(IPV4, ipv4)                                                                                \
    ROW(IPV6, ipv6)                                                                                \
    ROW(ARP, arp)                                                                                  \
    ROW(ICMPV6, icmpv6)                                                                            \
    ROW(AH, ah)                                                                                    \
    ROW(TCP, tcp)                                                                                  \
    ROW(UDP, udp)                                                                                  \
    ROW(SCTP, sctp)                                                                                \
    ROW(IP, ip)                                                                                    \
    ROW(LLC, llc)                                                                                  \
    ROW(COOKED, cooked)                                                                            \
    ROW(COOKED_V2, cooked_v2)                                                                      \
    ROW(LOOPBACK, loopback)                                                                        \
    ROW(NFLOG, nflog)                                                                              \
    ROW(PFLOG, pflog)                                                                              \
    ROW(PPI, ppi)                                                                                  \
    ROW(PKTAP, pktap)                                                                              \
    ROW(FDDI, fddi)                                                                                \
    ROW(IPOIB, ipoib)                                                                              \
    ROW(FRAME_RELAY, frame_relay)                                                                  \
    ROW(PPP, ppp)                                                                                  \
    ROW(PPP_DIRECTION, ppp_direction)                                                              \
    ROW(PPPOE, pppoe)                                                                              \
    ROW(WLAN, wlan)                                                                                \
    ROW(AGGREGATE, aggregate)                                                                      \
    ROW(RADIOTAP, radiotap)                                                                        \
    ROW(PRISM, prism)                                                                              \
    ROW(MPLS, mpls)                                                                                \
    ROW(NSH, nsh)                                                                                  \
    ROW(MACSEC, macsec)                                                                            \
    ROW(ARISTA, arista)                                                                            \
    ROW(BACKBONE, backbone)                                                                        \
    ROW(TRILL, trill)                                                                              \
    ROW(FABRICPATH, fabricpath)                                                                    \
    ROW(ETHERIP, etherip)                                                                          \
    ROW(GRE, gre)                                                                                  \
    ROW(VXLAN, vxlan)                                                                              \
    ROW(GENEVE, geneve)                                                                            \
    ROW(GTPU, gtpu)                                                                                \
    ROW(TZSP, tzsp)                                                                                \
    ROW(L2TP, l2tp)                                                                                \
    ROW(GRE_UDP, gre_udp)                                                                          \
    ROW(MARVELL, marvell)                                                                          \
    ROW(MARVELL_TYPED, marvell_typed)                                                              \
    ROW(BROADCOM, broadcom)                                                                        \
    ROW(BROADCOM_FIRST, broadcom_first)                                                            \
    ROW(IPNET, ipnet)                                                                              \
    ROW(SLIP, slip)                                                                                \
    ROW(CAPWAP, capwap)                                                                            \
    ROW(AYIYA, ayiya)                                                                              \
    ROW(TEREDO, teredo)                                                                            \
    ROW(LISP, lisp)                                                                                \
    ROW(GUE, gue)                                                                                  \
    ROW(L2TP_IP, l2tp_ip)                                                                          \
    ROW(MPLS_UDP, mpls_udp)                                                                        \
    ROW(FOU, fou)                                                                                  \
    ROW(LWAPP, lwapp)                                                                              \
    ROW(BATMAN, batman)
