/* Adds up the numbers that it reads from the keyboard, until something else is typed. */
#include <stdio.h>

int main(void) {
    double number, sum = 0;
    unsigned count = 0;
    printf("numbers, please\n");
    while (scanf("%lf", &number) == 1) {
        sum += number;
        count++;
    }
    printf("%u numbers, sum %g\n", count, sum);
    return 0;
}
