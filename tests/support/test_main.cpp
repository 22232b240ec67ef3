// The one main() of all test programs.
#define BOOST_TEST_MODULE stoa
#include <boost/test/unit_test.hpp>
