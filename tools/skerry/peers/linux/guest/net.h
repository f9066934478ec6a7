/* The loopback interface. */
#ifndef PEER_NET_H
#define PEER_NET_H

#include <netinet/in.h>

void net_up(void);
struct sockaddr_in net_address(int port);

#endif
