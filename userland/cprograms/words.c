/* Counts the words of a file: an ordinary C program, which knows nothing of Skerry.
   `spawn words etc/limerick` prints each word, how often it occurs, and its share; the most frequent first. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    char text[32];
    unsigned count;
};

static struct word *words;
static size_t known, room;

static int by_count(const void *a, const void *b) {
    const struct word *first = a, *second = b;
    if (first->count != second->count) {
        return first->count < second->count ? 1 : -1;
    }
    return strcmp(first->text, second->text);
}

static void count(const char *text) {
    for (size_t i = 0; i < known; i++) {
        if (strcmp(words[i].text, text) == 0) {
            words[i].count++;
            return;
        }
    }
    if (known == room) {
        room = room == 0 ? 4 : 2 * room;
        words = realloc(words, room * sizeof(*words));
        if (words == NULL) {
            perror("words");
            exit(1);
        }
    }
    snprintf(words[known].text, sizeof(words[known].text), "%s", text);
    words[known++].count = 1;
}

static unsigned read_words(FILE *file) {
    char text[32];
    unsigned total = 0;
    while (fscanf(file, "%31[A-Za-z']%*[^A-Za-z']", text) == 1) {
        for (char *at = text; *at != '\0'; at++) {
            *at = (char)tolower((unsigned char)*at);
        }
        count(text);
        total++;
    }
    return total;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: words FILE\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "r");
    if (file == NULL) {
        fprintf(stderr, "words: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    unsigned total = read_words(file);
    fclose(file);
    qsort(words, known, sizeof(*words), by_count);
    double entropy = 0;
    for (size_t i = 0; i < known; i++) {
        double share = (double)words[i].count / total;
        entropy -= share * log2(share);
        if (i < 5) {
            printf("%-8s %3u %6.2f%%\n", words[i].text, words[i].count, 100 * share);
        }
    }
    printf("%u words, %zu different, %.3f bits each\n", total, known, entropy);
    free(words);
    return 0;
}
