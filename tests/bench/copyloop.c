/*
 * The yardstick of the bulk measurement: the least that a server which copies a file in blocks of 64 KiB can do.
 * It answers every request on a loopback port with the whole file, one connection at a time, and prints its port.
 *
 *     copyloop FILE [UNSENT]
 *
 * With UNSENT, its sockets have the server's options: no Nagle's algorithm, and no more bytes than that unsent in the
 * kernel. On loopback the first alone makes it twice as fast, and a comparison without it would flatter the server.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char block[64 * 1024] __attribute__((aligned(4096)));

/* Reads up to the empty line; 0 when the client is gone or says too much. */
static int read_request(int client)
{
    char head[8192];
    size_t length = 0;
    while (length < sizeof head - 1) {
        ssize_t n = read(client, head + length, sizeof head - 1 - length);
        if (n <= 0)
            return 0;
        length += (size_t)n;
        head[length] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return 1;
    }
    return 0;
}

static int write_all(int client, const char *from, size_t length)
{
    while (length > 0) {
        ssize_t n = write(client, from, length);
        if (n <= 0)
            return 0;
        from += n;
        length -= (size_t)n;
    }
    return 1;
}

static void answer(int client, const char *path)
{
    struct stat about;
    char head[128];
    ssize_t n;
    int file = open(path, O_RDONLY);
    if (file < 0)
        return;
    if (fstat(file, &about) == 0) {
        int length = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\n\r\n",
                              (long long)about.st_size);
        if (write_all(client, head, (size_t)length))
            while ((n = read(file, block, sizeof block)) > 0 && write_all(client, block, (size_t)n))
                ;
    }
    close(file);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int unsent = argc == 3 ? atoi(argv[2]) : 0;
    int on = 1;
    if (argc < 2 || argc > 3 || listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 16) != 0 || getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        perror("copyloop");
        return 1;
    }
    /* Connections inherit them. */
    if (unsent > 0 && (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
                       setsockopt(listener, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent) != 0)) {
        perror("copyloop: socket options");
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            return 1;
        if (read_request(client))
            answer(client, argv[1]);
        close(client);
    }
}
