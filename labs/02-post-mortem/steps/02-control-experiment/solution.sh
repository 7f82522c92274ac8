kubectl delete networkpolicy --all -n lab-networking
kubectl exec backend -n lab-networking -- \
  curl -s --connect-timeout 5 http://frontend \
  || echo "Connection blocked as expected!"
